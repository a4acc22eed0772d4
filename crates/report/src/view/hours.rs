//! Probable opens by weekday and hour: a table of numbers, which colour only makes easier to see.

use super::named::hour_of_week;
use super::part::leads;
use crate::model::Model;
use kaifu_core::report::Which;
use kaifu_l10n::Words;
use kaifu_protocol::report::{Report, Spread};
use maud::{Markup, html};

/// The hours of a day.
const DAY: usize = 24;
/// How many steps of colour there are, beside none.
const STEPS: u32 = 4;

/// The grid, and what can be said of it.
pub(super) fn hours(report: &Report, model: &Model, words: &impl Words) -> Markup {
    let most = report.hours.iter().copied().max().unwrap_or(0);
    html! {
        section.hours {
            h2 id="hours-heading" { (words.text("report_hours")) }
            p.quiet { (words.text("report_hours_note")) }
            p { (said(report, words)) }
            // It is wider than a narrow window, so it is scrolled there by itself.
            div.wide role="region" aria-labelledby="hours-heading" tabindex="0" {
                table.heat {
                    caption.spoken { (words.text("report_hours_note")) }
                    thead {
                        tr {
                            td {}
                            @for hour in 0..DAY { th scope="col" { (hour) } }
                        }
                    }
                    tbody {
                        @for (weekday, row) in report.hours.chunks(DAY).enumerate() {
                            tr {
                                th scope="row" { (words.weekday(weekday)) }
                                @for (hour, count) in row.iter().enumerate() {
                                    (cell(weekday, hour, *count, most, (model, words)))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn cell(
    weekday: usize,
    hour: usize,
    count: u32,
    most: u32,
    (model, words): (&Model, &impl Words),
) -> Markup {
    let step = (count * STEPS).div_ceil(most.max(1));
    html! {
        td class={ "step-" (step) } {
            @if count > 0 {
                (leads(&Which::Hour(weekday, hour), model, &html! {
                    (count)
                    span.spoken { " " (hour_of_week(weekday, hour, words)) }
                }))
            }
        }
    }
}

/// What the grid says, and what it does not.
fn said(report: &Report, words: &impl Words) -> String {
    match report.spread {
        Spread::TooFew => words.with(
            "report_hours_too_few",
            &[&report.first_opens.emails.to_string()],
        ),
        Spread::ByChance => words.text("report_hours_chance"),
        Spread::Uneven => words.text("report_hours_uneven"),
    }
}
