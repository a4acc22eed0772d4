//! The head of the page, and everything above the list of emails.

use super::part::leads;
use super::{contacts, figures, hours, lengths, weeks};
use crate::model::{Model, Period};
use kaifu_core::report::{self, Standing, Which};
use kaifu_l10n::{Words, states};
use kaifu_protocol::report::Report;
use kaifu_protocol::state::State;
use kaifu_ui::icons;
use maud::{Markup, html};

/// What the report is about, for the title.
#[must_use]
pub fn title(model: &Model, words: &impl Words) -> String {
    match model.asked.period.days() {
        Some(days) => words.with("report_last", &[&days_of(days, words)]),
        None => words.text("report_ever"),
    }
}

/// The choice of the period.
#[must_use]
pub fn periods(model: &Model, words: &impl Words) -> Markup {
    html! {
        @for period in Period::ALL {
            button type="button" data-period=(period.name())
                aria-pressed=(model.asked.period == period) {
                @match period.days() {
                    Some(days) => (days_of(days, words)),
                    None => (words.text("popup_filter_all")),
                }
            }
        }
    }
}

fn days_of(days: u32, words: &impl Words) -> String {
    words.amount(i32::try_from(days).unwrap_or(i32::MAX), "day")
}

/// What is wrong, where something is.
#[must_use]
pub fn notice(model: &Model, words: &impl Words) -> Markup {
    html! {
        @if model.silent {
            div.notice { p { (words.text("problem_worker")) } }
        }
    }
}

/// Everything between the title and the list of emails.
#[must_use]
pub fn summary(model: &Model, words: &impl Words) -> Markup {
    html! {
        @match &model.report {
            None if model.silent => "",
            None => {
                p.spoken role="status" { (words.text("popup_loading")) }
                div.loading aria-hidden="true" { i {} i {} i {} }
            },
            Some(report) if report.kept == 0 => (none(words)),
            Some(report) => (parts(report, model, words)),
        }
    }
}

/// Nothing was tracked yet.
fn none(words: &impl Words) -> Markup {
    html! {
        div.empty {
            svg viewBox="0 0 20 20" width="48" height="48" aria-hidden="true" {
                path d=(icons::of_state(State::Unseen)) {}
            }
            h2 { (words.text("popup_empty_title")) }
            p { (words.text("popup_empty_text")) }
            a.button.primary href="https://mail.google.com/" target="_blank" rel="noreferrer" {
                (words.text("popup_open_gmail"))
            }
        }
    }
}

fn parts(report: &Report, model: &Model, words: &impl Words) -> Markup {
    html! {
        (figures::figures(report, model, words))
        (left_out(report, model, words))
        (figures::waiting(report, model, words))
        (hours::hours(report, model, words))
        div.two {
            (lengths::lengths(report, model, words))
            (weeks::weeks(report, model, words))
        }
        div.two {
            (contacts::people(report, model, words))
            (contacts::domains(report, model, words))
        }
    }
}

/// The emails that no figure has.
fn left_out(report: &Report, model: &Model, words: &impl Words) -> Markup {
    let figures = report::Figures::from(report.figures);
    let without: Vec<String> = Standing::ALL
        .into_iter()
        .filter(|standing| !standing.is_tracked() && figures.of(*standing) > 0)
        .map(|standing| {
            let name = states::name(standing.into(), words);
            words.with("report_share", &[&name, &figures.of(standing).to_string()])
        })
        .collect();
    let without: Vec<&str> = without.iter().map(String::as_str).collect();
    html! {
        @if !without.is_empty() {
            p.quiet {
                (leads(&Which::LeftOut, model, &html! { (words.text("report_left_out")) }))
                " " (words.list(&without))
            }
        }
    }
}

/// What the figures cannot say.
#[must_use]
pub fn honest(model: &Model, words: &impl Words) -> Markup {
    let report = model.report.as_ref().filter(|report| report.kept > 0);
    html! {
        @if let Some(report) = report {
            @let figures = report::Figures::from(report.figures);
            @let without = figures.tracked() - figures.opened() - figures.of(Standing::Refused);
            p {
                strong { (words.text("report_honest_title")) } " "
                (words.with("report_honest", &[&without.to_string()])) " "
                (words.text("report_honest_opened"))
            }
        }
    }
}
