//! How many emails stand where, and which are waited for.

use super::part::{count, heading, leads, length};
use crate::model::Model;
use kaifu_core::report::{Figures, QUIET_AFTER, Standing, Which};
use kaifu_l10n::{Words, states};
use kaifu_protocol::report::{FirstOpens, Report};
use kaifu_protocol::state::State;
use maud::{Markup, html};

/// Four figures in one frame, each with what it stands on.
pub(super) fn figures(report: &Report, model: &Model, words: &impl Words) -> Markup {
    let figures = Figures::from(report.figures);
    let (tracked, opened) = (figures.tracked(), figures.opened());
    let not_counted = figures.automated.saturating_add(figures.own);
    html! {
        div.figures {
            div {
                p.label { (words.text("report_tracked")) }
                p.value { (count(&Which::Tracked, tracked, model)) }
                (states_bar(&figures, tracked))
                (states_key(&figures, model, words))
            }
            div {
                p.label { (words.text("report_opened")) }
                p.value { (count(&Which::Opened, opened, model)) }
                p.quiet {
                    (words.with("report_of", &[&tracked.to_string()]))
                    @if figures.of(Standing::Confirmed) > 0 {
                        br;
                        (share(Standing::Confirmed, &figures, words))
                    }
                }
            }
            div {
                p.label { (words.text("report_wait")) }
                (wait(&report.first_opens, words))
            }
            div {
                p.label { (words.text("report_not_counted")) }
                p.value { (count(&Which::NotCounted, not_counted, model)) }
                p.quiet {
                    (words.with(
                        "report_loads",
                        &[&figures.automated.to_string(), &figures.own.to_string()],
                    ))
                }
            }
        }
    }
}

/// How long half of the emails took until they were opened.
fn wait(first_opens: &FirstOpens, words: &impl Words) -> Markup {
    let emails = first_opens.emails.to_string();
    html! {
        @match first_opens.quartiles {
            None => {
                p.value.words { (words.text("report_too_few")) }
                p.quiet { (words.with("report_too_few_opens", &[&emails])) }
            },
            Some([quarter, half, most]) => {
                p.value { (length(half, words)) }
                p.quiet {
                    (words.with(
                        "report_quartiles",
                        &[&length(quarter, words), &length(most, words), &emails],
                    ))
                }
            },
        }
    }
}

/// Every state's share of the tracked emails, in one line. The key below says the same in numbers.
fn states_bar(figures: &Figures, tracked: u32) -> Markup {
    let mut from = 0;
    let mut parts = Vec::new();
    for standing in shown(figures) {
        parts.push((standing, from, figures.of(standing)));
        from += figures.of(standing);
    }
    html! {
        @if tracked > 0 {
            svg.states viewBox={ "0 0 " (tracked) " 8" } preserveAspectRatio="none" aria-hidden="true" {
                @for (standing, from, width) in parts {
                    rect class=(standing.name()) x=(from) width=(width) height="8" {}
                }
            }
        }
    }
}

fn states_key(figures: &Figures, model: &Model, words: &impl Words) -> Markup {
    html! {
        ul.key {
            @for standing in shown(figures) {
                li {
                    svg.swatch viewBox="0 0 8 8" width="8" height="8" aria-hidden="true" {
                        rect class=(standing.name()) width="8" height="8" rx="2" {}
                    }
                    (leads(&Which::Standing(standing), model, &html! {
                        (share(standing, figures, words))
                    }))
                }
            }
        }
    }
}

/// A state and how many emails are in it.
fn share(standing: Standing, figures: &Figures, words: &impl Words) -> String {
    let name = states::name(State::from(standing), words);
    words.with("report_share", &[&name, &figures.of(standing).to_string()])
}

/// The standings of tracked emails that there are, the surest first.
fn shown(figures: &Figures) -> Vec<Standing> {
    let tracked = Standing::ALL.into_iter().filter(|it| it.is_tracked());
    tracked.filter(|it| figures.of(*it) > 0).collect()
}

/// The emails of which more may be known by asking in another way.
pub(super) fn waiting(report: &Report, model: &Model, words: &impl Words) -> Markup {
    let figures = Figures::from(report.figures);
    let unconfirmed = figures.of(Standing::Opened);
    // Where nobody has confirmed anything, nobody was asked to.
    let is_asked = figures.of(Standing::Confirmed) > 0;
    html! {
        section.waiting {
            (heading("report_waiting", "report_waiting_note", words))
            ul {
                li {
                    span.number { (count(&Which::Quiet, figures.quiet, model)) } " "
                    (words.with("report_quiet_after", &[&length(QUIET_AFTER, words)]))
                }
                @if is_asked {
                    li {
                        span.number {
                            (count(&Which::Standing(Standing::Opened), unconfirmed, model))
                        }
                        " " (words.text("report_unconfirmed"))
                    }
                }
            }
        }
    }
}
