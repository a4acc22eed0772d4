//! The recipient's own page: choices first, then what is recorded about the email.
//!
//! All of it stands in one answer, with one style sheet and one script that the page works without.

mod log;
mod moment;

use super::language::Language;
use super::shell::{SCRIPT, STYLE, Shell, page};
use super::words::Words;
use crate::settings::Operator;
use crate::store::MessageRecord;
use axum::http::StatusCode;
use axum::response::Response;
use kaifu_core::time::Millis;
use kaifu_core::token::TokenKind;
use kaifu_protocol::api::{Claim, Event, Kind};
use maud::{Markup, PreEscaped, html};
use std::time::Duration;

/// The product's sign.
const LOGO: &str = r##"<svg width="32" height="32" viewBox="0 0 24 24" aria-hidden="true"><path d="M2 9.5 12 2l10 7.5V20a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2z" fill="#0b6e4f"/><path d="M5 4.5h14v8l-7 5-7-5z" fill="#fff"/><circle cx="12" cy="10" r="3.3" fill="#d8432b"/><path d="m2 10 10 7.2L22 10v10a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2z" fill="#139a70"/></svg>"##;

/// A check in a circle.
const CHECK: &str = r#"<svg width="24" height="24" viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><circle cx="12" cy="12" r="10"/><path d="m7.5 12.5 3 3 6-6.500"/></svg>"#;

/// A button of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Button {
    /// "I've read this".
    Read,
    /// "I agree", to open notices.
    Agree,
    /// Nothing more is to be recorded.
    Refuse,
    /// What is recorded is to be removed.
    Erase,
    /// An answer of a moment ago is taken back.
    Undo,
    /// A refusal is lifted.
    Allow,
}

impl Button {
    /// All of them.
    pub(crate) const ALL: [Self; 6] = [
        Self::Read,
        Self::Agree,
        Self::Refuse,
        Self::Erase,
        Self::Undo,
        Self::Allow,
    ];

    /// Its name in addresses.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Agree => "agree",
            Self::Refuse => "refuse",
            Self::Erase => "erase",
            Self::Undo => "undo",
            Self::Allow => "allow",
        }
    }

    /// The button of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|button| button.name() == name)
    }
}

/// What a page is to say of the press before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Notice {
    /// There was none.
    #[default]
    None,
    /// The button did what it says.
    Done(Button),
    /// It came too fast to be counted.
    Unsure,
    /// Its page was too old, or not one of ours.
    Stale,
    /// The answer can't be taken back any more.
    Late,
}

impl Notice {
    /// What an address such as `?done=read` says.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "unsure" => Self::Unsure,
            "stale" => Self::Stale,
            "late" => Self::Late,
            _ => Button::named(name).map_or(Self::None, Self::Done),
        }
    }
}

/// An answer that can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Undo {
    /// The event.
    pub(crate) of: String,
    /// That this page may do so.
    pub(crate) proof: String,
}

/// What the page shows.
pub(crate) struct RecipientPage<'a> {
    /// The language of its words.
    pub(crate) language: Language,
    /// The token in the page's own address.
    pub(crate) token: &'a str,
    /// What the page is of.
    pub(crate) kind: TokenKind,
    /// What is stored about the message.
    pub(crate) record: &'a MessageRecord,
    /// Whether anything is recorded yet: its token's last day is not over.
    pub(crate) records: bool,
    /// How long an event is kept.
    pub(crate) retention: Duration,
    /// What each of its forms carries.
    pub(crate) nonce: String,
    /// What to say of the press before.
    pub(crate) notice: Notice,
    /// The answer that this page may take back.
    pub(crate) undo: Option<Undo>,
    /// Who runs the server.
    pub(crate) operator: &'a Operator,
    /// What time it is.
    pub(crate) now: Millis,
}

/// The page.
pub(crate) fn recipient(shown: &RecipientPage<'_>) -> Response {
    let words = shown.language.words();
    let (title, lead) = match shown.kind {
        TokenKind::ReceiptPage => (&words.title_receipt, &words.lead_receipt),
        TokenKind::ConsentPage => (&words.title_consent, &words.lead_consent),
        _ => (&words.title_image, &words.lead_image),
    };
    let said = shown.said(words);
    let body = html! {
        main {
            (PreEscaped(LOGO))
            h1 { (&**title) }
            p.lead { strong { (&*words.first) } " " (&**lead) }
            (shown.notices(words, said))
            (shown.choices(words))
            h2 { (&*words.recorded) }
            (log::log(&shown.record.events, shown.now, words))
            (list(&words.never, &words.never_list, &[], true))
            (list(&words.each, &words.each_list, &[], false))
            @let days = (shown.retention.as_secs() / 86_400).to_string();
            (list(&words.long, &words.long_list, &[("days", &days)], false))
            details { summary { (&*words.about) } p { (&*words.about_text) } }
        }
        (footer(shown.operator, words))
    };
    let shell = Shell {
        style: STYLE,
        script: Some(SCRIPT),
        title: said.unwrap_or(title),
        direction: &words.direction,
    };
    page(StatusCode::OK, shown.language, &shell, &body)
}

impl RecipientPage<'_> {
    /// What to say of the press before. The address may say what it likes: only what is stored is
    /// claimed.
    fn said<'w>(&self, words: &'w Words) -> Option<&'w str> {
        let record = self.record;
        let has = |kind, claim: Option<Claim>| {
            let is_it = |event: &Event| {
                event.kind == kind && claim.is_none_or(|claim| event.claim == claim)
            };
            record.events.iter().any(is_it)
        };
        let likely = Some(Claim::Likely);
        match self.notice {
            Notice::Done(Button::Read) if has(Kind::Read, likely) => Some(&words.done_read),
            Notice::Done(Button::Agree) if has(Kind::Agree, likely) => Some(&words.done_agree),
            Notice::Done(Button::Undo) if has(Kind::Undo, None) => Some(&words.done_undo),
            Notice::Done(Button::Allow) if !record.refused => Some(&words.done_allow),
            Notice::Done(Button::Erase)
                if record.events.iter().all(|event| event.kind == Kind::Refuse) =>
            {
                Some(&words.done_erase)
            }
            Notice::Unsure if !record.refused => Some(&words.unsure),
            Notice::Stale => Some(&words.stale),
            Notice::Late => Some(&words.late),
            // That it is refused is said in any case.
            Notice::Done(_) | Notice::Unsure | Notice::None => None,
        }
    }

    fn notices(&self, words: &Words, said: Option<&str>) -> Markup {
        let is_done = matches!(self.notice, Notice::Done(_));
        let is_refused = self.record.refused;
        html! {
            @if let Some(said) = said {
                div.done.note[!is_done] role="status" tabindex="-1" autofocus {
                    @if is_done { (PreEscaped(CHECK)) } @else { span {} }
                    p { (said) }
                    @if let Some(undo) = self.undo.as_ref().filter(|_| is_done) {
                        (self.form(Button::Undo, &html! {
                            input type="hidden" name="of" value=(undo.of);
                            input type="hidden" name="proof" value=(undo.proof);
                            button.back { (&*words.undo) }
                            small { (&*words.undo_note) }
                        }))
                    }
                }
            }
            @if is_refused {
                div.done role="status" tabindex="-1" autofocus[said.is_none()] {
                    (PreEscaped(CHECK))
                    p { (&*words.refused) }
                }
            }
            @if !self.records { div.done.note role="status" { span {} p { (&*words.over) } } }
        }
    }

    fn choices(&self, words: &Words) -> Markup {
        let button = |button, style, label: &str, note: &str| {
            self.form(
                button,
                &html! { button class=(style) { (label) } small { (note) } },
            )
        };
        let (plain, text) = ("plain", "text");
        let erase = || button(Button::Erase, text, &words.erase, &words.erase_note);
        html! {
            section.choices aria-label=(&*words.choices) {
                p { (&*words.shared) }
                @if self.record.refused {
                    (erase())
                    (button(Button::Allow, plain, &words.allow, &words.allow_note))
                } @else {
                    @if self.records { (self.answer(words)) }
                    (button(Button::Refuse, plain, &words.refuse, &words.refuse_note))
                    (erase())
                }
            }
        }
    }

    /// The button that tells the sender something, with the field for a name, which only a script
    /// can show: sent as it is typed, it would be no secret.
    fn answer(&self, words: &Words) -> Markup {
        let (button, label, note) = match self.kind {
            TokenKind::ConsentPage => (Button::Agree, &words.agree, &words.agree_note),
            _ => (Button::Read, &words.read, &words.read_note),
        };
        let content = html! {
            template {
                div.name {
                    label {
                        (&*words.name)
                        input type="text" maxlength="60" autocomplete="name" aria-describedby="sealed";
                    }
                    small #sealed { (&*words.name_note) }
                    input type="hidden" name="sealed";
                }
            }
            button.main { (&**label) }
            small { (&**note) }
        };
        self.form(button, &content)
    }

    fn form(&self, button: Button, content: &Markup) -> Markup {
        html! {
            form method="post" action={ "/r/" (self.token) "/" (button.name()) } {
                input type="hidden" name="nonce" value=(self.nonce);
                (content)
            }
        }
    }
}

fn list(
    title: &str,
    items: &[super::words::Text],
    values: &[(&str, &str)],
    is_first: bool,
) -> Markup {
    html! {
        details class=[is_first.then_some("first")] open[is_first] {
            summary { (title) }
            ul { @for item in items { li { (item.fill(values)) } } }
        }
    }
}

fn footer(operator: &Operator, words: &Words) -> Markup {
    if *operator == Operator::default() {
        return html! {};
    }
    html! {
        footer {
            @if let Some(host) = &operator.host { (words.footer.fill(&[("server", host)])) " " }
            @if let Some(name) = &operator.name { (words.operator.fill(&[("operator", name)])) " " }
            @if let Some(privacy) = &operator.privacy { a href=(privacy) { (&*words.privacy) } }
        }
    }
}
