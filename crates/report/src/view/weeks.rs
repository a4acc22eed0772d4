//! Weeks, by when emails were sent.

use super::named::day;
use super::part::{bar, count, heading};
use crate::model::Model;
use kaifu_core::report::Which;
use kaifu_l10n::Words;
use kaifu_protocol::report::Report;
use maud::{Markup, html};

/// How many emails were tracked and opened of each week, the last week first.
pub(super) fn weeks(report: &Report, model: &Model, words: &impl Words) -> Markup {
    html! {
        section {
            (heading("report_weeks", "report_weeks_note", words))
            @if !report.weeks.is_empty() {
                table.bars {
                    thead {
                        tr {
                            th scope="col" { (words.text("report_week")) }
                            td {}
                            th.number scope="col" { (words.text("report_tracked_few")) }
                            th.number scope="col" { (words.text("report_opened")) }
                        }
                    }
                    tbody {
                        @for week in report.weeks.iter().rev() {
                            tr {
                                th scope="row" { (day(week.monday, words)) }
                                td { (bar(week.opened, week.tracked)) }
                                td.number {
                                    (count(&Which::Week(week.monday), week.tracked, model))
                                }
                                td.number { (week.opened) }
                            }
                        }
                    }
                }
            }
        }
    }
}
