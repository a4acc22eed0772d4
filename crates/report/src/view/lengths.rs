//! How long it took until emails were first opened.

use super::named::within;
use super::part::{bar, count, heading};
use crate::model::Model;
use kaifu_core::report::{Figures, Standing, Which};
use kaifu_l10n::Words;
use kaifu_protocol::report::Report;
use maud::{Markup, html};

/// How many emails were first opened after which time, and how many of none was detected.
pub(super) fn lengths(report: &Report, model: &Model, words: &impl Words) -> Markup {
    let unseen = Figures::from(report.figures).of(Standing::Unseen);
    let all = report.first_opens.within.iter();
    let most = all.copied().max().unwrap_or(0).max(unseen);
    html! {
        section {
            (heading("report_lengths", "report_lengths_note", words))
            table.bars {
                thead.spoken {
                    tr {
                        th scope="col" { (words.text("report_lengths")) }
                        td {}
                        th scope="col" { (words.text("report_emails")) }
                    }
                }
                tbody {
                    @for (place, found) in report.first_opens.within.iter().enumerate() {
                        tr {
                            th scope="row" { (within(place, words)) }
                            td { (bar(*found, most)) }
                            td.number { (count(&Which::Within(place), *found, model)) }
                        }
                    }
                    tr.none {
                        th scope="row" { (words.text("state_unseen")) }
                        td { (bar(unseen, most)) }
                        td.number {
                            (count(&Which::Standing(Standing::Unseen), unseen, model))
                        }
                    }
                }
            }
        }
    }
}
