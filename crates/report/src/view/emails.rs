//! The list of emails, which every number of the page leads to.

use super::named;
use super::part::time;
use crate::model::Model;
use kaifu_core::report::Order;
use kaifu_core::time::DAY;
use kaifu_l10n::{Words, people, states};
use kaifu_protocol::report::{Email, Report};
use kaifu_ui::icons;
use maud::{Markup, html};

/// What is listed, how much of it, and how to get back to all.
#[must_use]
pub fn chosen(model: &Model, words: &impl Words) -> Markup {
    let report = model.report.as_ref();
    html! {
        @if let Some(report) = report {
            span {
                (words.with("report_share", &[
                    &named::which(&model.asked.which, words),
                    &report.matching.to_string(),
                ]))
                @if !model.selected.is_empty() {
                    " · "
                    (words.with("report_selected", &[&model.selected.len().to_string()]))
                }
            }
            @if model.asked.is_filtered() {
                button type="button" data-action="all" { (words.text("popup_clear")) }
            }
            @if !model.selected.is_empty() {
                button type="button" data-action="mute" { (words.text("popup_mute")) }
                button type="button" data-action="forget" { (words.text("popup_forget")) }
            }
            @if model.forgotten {
                span { (words.text("popup_forgotten")) }
                button type="button" data-action="bring-back" { (words.text("popup_bring_back")) }
            }
        }
    }
}

/// The table of emails, and how to see more of them.
#[must_use]
pub fn emails(model: &Model, words: &impl Words) -> Markup {
    let report = model.report.as_ref();
    html! {
        @if let Some(report) = report {
            @if report.emails.is_empty() {
                p.quiet {
                    (words.text(if model.asked.is_filtered() { "popup_none_match" } else { "report_none" }))
                }
            } @else {
                (table(report, model, words))
            }
            @if report.matching as usize > report.emails.len() {
                p.quiet {
                    (words.with("popup_shown", &[
                        &report.emails.len().to_string(),
                        &report.matching.to_string(),
                    ]))
                }
                button type="button" data-action="more" { (words.text("report_more")) }
            }
        }
    }
}

/// In a narrow window its parts are laid out otherwise, so each says by its role what it is.
fn table(report: &Report, model: &Model, words: &impl Words) -> Markup {
    html! {
        table.emails role="table" aria-labelledby="emails-heading" {
            thead role="rowgroup" {
                tr role="row" {
                    th.pick role="columnheader" {
                        input type="checkbox" data-action="select-all"
                            aria-label=(words.text("report_select_all"))
                            checked[model.has_all_selected()];
                    }
                    th role="columnheader" { (words.text("report_email")) }
                    (sorted(Order::Standing, "popup_filter_state", model, words))
                    (sorted(Order::Opens, "report_opens", model, words))
                    th.week role="columnheader" { (words.text("report_first_week")) }
                    (sorted(Order::Sent, "popup_sent", model, words))
                    (sorted(Order::Activity, "report_activity", model, words))
                }
            }
            tbody role="rowgroup" {
                @for email in &report.emails { (row(email, model, words)) }
            }
        }
    }
}

/// The head of a column that the list can be sorted by.
fn sorted(order: Order, title: &str, model: &Model, words: &impl Words) -> Markup {
    let asked = &model.asked;
    let (sort, arrow) = match (asked.order == order, asked.reversed) {
        (false, _) => (None, ""),
        (true, false) => (Some("descending"), "↓"),
        (true, true) => (Some("ascending"), "↑"),
    };
    html! {
        th role="columnheader" class=(order.code()) aria-sort=[sort] {
            button type="button" data-order=(order.code()) {
                (words.text(title))
                @if !arrow.is_empty() { " " span aria-hidden="true" { (arrow) } }
            }
        }
    }
}

fn row(email: &Email, model: &Model, words: &impl Words) -> Markup {
    let subject = people::subject(&email.subject, words);
    let select = words.with("report_select", &[&subject]);
    html! {
        tr role="row" data-message=(email.message) data-kaifu-state=(email.state.name()) {
            td.pick role="cell" {
                input type="checkbox" data-action="select" aria-label=(select)
                    checked[model.selected.contains(&email.message)];
            }
            td.email role="cell" {
                strong dir="auto" { (people::names(&email.recipients, words)) }
                button.subject type="button" data-action="show" title=(words.text("popup_show_in_gmail")) {
                    span dir="auto" { (subject) }
                }
            }
            td.standing role="cell" { (state(email, words)) }
            td.opens role="cell" data-label=(words.text("report_opens")) { (email.opens) }
            td.week role="cell" { (strip(email, words)) }
            td.sent role="cell" data-label=(words.text("popup_sent")) { (time(Some(email.sent_at), model.now, words)) }
            td.activity role="cell" data-label=(words.text("report_activity")) { (time(email.last_at, model.now, words)) }
        }
    }
}

fn state(email: &Email, words: &impl Words) -> Markup {
    let (name, meaning) = states::keys(email.state);
    html! {
        span.state title=(words.text(meaning)) {
            svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true" {
                path d=(icons::of_state(email.state)) {}
            }
            (words.text(name))
        }
    }
}

/// Where the line of a strip begins and ends.
const STRIP: (i64, i64) = (6, 176);

/// The first week of an email as a line with a tick for each day: full dots are opens, hollow ones
/// loads that do not count. Its first hours get the most room, as most happens there.
fn strip(email: &Email, words: &impl Words) -> Markup {
    let place = |after: i64| {
        let length = STRIP.1 - STRIP.0;
        let share = i128::from(length * length) * i128::from(after.clamp(0, 7 * DAY));
        let place = (share / i128::from(7 * DAY)).isqrt();
        STRIP.0 + i64::try_from(place).unwrap_or(length)
    };
    let opens = email.first_week.iter().filter(|load| load.counts).count();
    let others = email.first_week.len() - opens;
    let said = words.with("report_strip", &[&opens.to_string(), &others.to_string()]);
    html! {
        svg.strip viewBox="0 0 184 16" width="184" height="16" role="img" aria-label=(said) {
            path d={
                "M" (STRIP.0) " 8H" (STRIP.1)
                @for day in 1..=7 { "M" (place(day * DAY)) " 6v4" }
            } {}
            circle class="sent" cx=(STRIP.0) cy="8" r="3" {}
            @for load in &email.first_week {
                circle class=(if load.counts { "open" } else { "other" })
                    cx=(place(load.at - email.sent_at)) cy="8" r="4" {}
            }
        }
    }
}
