//! The popup's changing part as markup.

use crate::groups::{self, Group};
use crate::icon;
use crate::model::{Model, kind_name};
use crate::row;
use kaifu_core::time::Millis;
use kaifu_l10n::{Words, problems, reach};
use kaifu_protocol::pages::{Connection, Message, Overview, Problem};
use kaifu_protocol::state::{Kind, State};
use maud::{Markup, html};

/// Everything below the search field, from what the popup knows.
#[must_use]
pub fn view(model: &Model, words: &impl Words) -> Markup {
    let found: Vec<&Message> = model
        .overview
        .iter()
        .flat_map(|overview| &overview.messages)
        .filter(|message| model.filter.passes_but_for_its_state(message, words))
        .collect();
    let kind = model.filter.kind;
    let shown = found.iter().filter(|message| kind.has(message.state));
    let is_new = |message: &Message| model.news.contains(&message.message);
    let groups = groups::groups(shown.copied(), is_new, model.now, words);
    let count = groups.iter().map(|group| group.messages.len()).sum();
    html! {
        (kinds(model, &found, words))
        div.notices role="status" { (notices(model, words)) }
        ul.messages aria-labelledby="messages-heading" hidden[groups.is_empty()] {
            @for group in &groups {
                (heading(group, words))
                @for message in &group.messages { (row::row(message, model, words)) }
            }
        }
        div role="status" {
            @if model.forgotten.is_some() {
                div.undo {
                    p { (words.text("popup_forgotten")) }
                    button type="button" data-action="bring-back" { (words.text("popup_bring_back")) }
                }
            }
        }
        div.below {
            @if let Some(overview) = &model.overview {
                (below(overview, count, model, words))
            } @else if !model.silent {
                p.spoken role="status" { (words.text("popup_loading")) }
                div.loading aria-hidden="true" { i {} i {} i {} }
            }
        }
    }
}

/// How things stand with the server, in a word or two.
#[must_use]
pub fn connection(model: &Model, words: &impl Words) -> Markup {
    let connection = model.overview.as_ref().map(|overview| &overview.connection);
    let (state, text) = match connection {
        _ if model.sample => ("connecting", words.text("sample_word")),
        None => ("connecting", words.text("popup_connecting")),
        Some(connection) => match (connection.problem, connection.last_news_at) {
            (None, _) if connection.account => ("alive", words.text("popup_up_to_date")),
            (None, _) => ("connecting", words.text("popup_connecting")),
            (Some(Problem::NotAgreed), _) => ("connecting", words.text("popup_not_agreed")),
            (Some(_), Some(at)) => (
                "trouble",
                words.with(
                    "popup_no_answer_since",
                    &[&words.clock(Millis(at), model.now)],
                ),
            ),
            (Some(_), None) => ("trouble", words.text("popup_no_answer")),
        },
    };
    html! { span class=(state) { (text) } }
}

/// A button for each kind of states, with how many messages are of it, where that is known.
fn kinds(model: &Model, found: &[&Message], words: &impl Words) -> Markup {
    let Some(overview) = &model.overview else {
        return html! { div.kinds {} };
    };
    let is_whole = model.is_whole() && model.asked == Kind::All;
    html! {
        div.kinds role="group" aria-label=(words.text("popup_filter_state")) hidden[overview.total == 0 && model.filter.is_empty()] {
            @for kind in Kind::ALL {
                @let count = found.iter().filter(|message| kind.has(message.state)).count();
                @let (name, key) = kind_name(kind);
                button type="button" data-action="kind" data-kind=(name)
                    aria-pressed=(model.filter.kind == kind) {
                    (words.text(key))
                    // A number of what is loaded would say too little.
                    @if is_whole { " " span.count { (count) } }
                }
            }
        }
    }
}

fn heading(group: &Group<'_>, words: &impl Words) -> Markup {
    let is_new = group.day.is_none();
    html! {
        li.day.new[is_new] {
            h3 { (group.day.clone().unwrap_or_else(|| words.text("popup_new_group"))) }
            @if is_new { span.count { (group.messages.len()) } }
        }
    }
}

fn below(overview: &Overview, shown: usize, model: &Model, words: &impl Words) -> Markup {
    let loaded = overview.messages.len();
    let total = usize::try_from(overview.total).unwrap_or(usize::MAX);
    html! {
        @if loaded == 0 && total == 0 && model.filter.is_empty() {
            div.empty {
                span.tile { (icon::of_state(State::Unseen)) }
                h2 { (words.text("popup_empty_title")) }
                p { (words.text("popup_empty_text")) }
                a.button.primary href="https://mail.google.com/" target="_blank" rel="noreferrer" {
                    (words.text("popup_open_gmail"))
                }
            }
        } @else {
            p.quiet role="status" {
                @if shown == 0 {
                    (words.text("popup_none_match"))
                } @else if shown < total {
                    (words.with("popup_shown", &[&shown.to_string(), &total.to_string()]))
                }
            }
        }
        @if shown == 0 && !model.filter.is_empty() {
            button type="button" data-action="clear" { (words.text("popup_clear")) }
        }
        @if total > loaded {
            button type="button" data-action="more" { (words.text("popup_more")) }
        }
    }
}

fn notices(model: &Model, words: &impl Words) -> Markup {
    let connection = model.overview.as_ref().map(|overview| &overview.connection);
    let now = model.now;
    let problem_text = |problem, connection: &Connection| {
        let last_news_at = connection.last_news_at.map(Millis);
        problems::text(problem, connection.account, last_news_at, now, words)
    };
    html! {
        @if model.sample {
            div.notice.mild data-notice="sample" { p { (words.text("sample_notice")) } }
        }
        @if model.silent {
            div.notice data-notice="worker" { p { (words.text("problem_worker")) } }
        }
        @if let Some(connection) = connection {
            @if let Some(problem) = connection.problem {
                div.notice data-notice="problem" {
                    p { (problem_text(problem, connection)) }
                    @if problem == Problem::Rejected && connection.account {
                        button type="button" data-action="register" aria-disabled=(model.trying) {
                            (words.text("popup_register_again"))
                        }
                    }
                    @if problem == Problem::NotAgreed {
                        a.button href="first.html" target="_blank" { (words.text("popup_first")) }
                    } @else {
                        button type="button" data-action="retry" aria-disabled=(model.trying) {
                            (words.text(if model.trying { "popup_trying" } else { "popup_try_now" }))
                        }
                    }
                }
            } @else if !connection.account {
                div.notice data-notice="account" { p { (words.text("popup_no_account")) } }
            }
            @if let Some(report) = model.overview.as_ref().and_then(|it| it.unfamiliar.as_ref()) {
                div.notice data-notice="unfamiliar" {
                    p { (words.with("popup_unfamiliar", &[&report.missing.join(", ")])) }
                    button type="button" data-action="copy" {
                        (words.text(if model.copied { "popup_copied" } else { "popup_copy_report" }))
                    }
                }
            }
            @if let Some(key) = reach::key(connection.reach) {
                div.notice.mild data-notice="reach" { p { (words.text(key)) } }
            }
        }
    }
}
