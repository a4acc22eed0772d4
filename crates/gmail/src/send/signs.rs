//! What the page shows of what became of a press: Gmail's dialogs, its message on the screen, and
//! its lists. What each sign comes to is decided in [`kaifu_core::outcome`].

use crate::outcomes::Evidence;
use crate::page::dom::{attribute, document, page};
use crate::page::names::{id_in, undone_thread};
use crate::page::selectors::{DRAFT_ROW, Landmark, REFUSAL, ROW_ID, TIME_FIELDS, UNDO, is_shown};
use crate::session::Scheduled;
use crate::tab::Tab;
use kaifu_chrome::clock;
use kaifu_core::gmail::id::{DraftId, GmailId, LegacyId, ThreadId};
use kaifu_core::id::MessageId;
use kaifu_core::outcome::{Row, Sign, Signal, State, When};
use kaifu_core::time::Millis;
use std::cell::RefCell;
use web_sys::Element;

/// Gmail refuses at once, if it does: a dialog after this many milliseconds is about something else.
const REFUSAL_MS: i64 = 500;

/// The fields for a time to send at come a little later.
const FIELDS_MS: i64 = 5_000;

/// For how long after a press what a list shows may be that email, in milliseconds: then somebody may
/// have answered.
const LISTED_MS: i64 = 120_000;

/// For how long after a press the list of drafts may still show its draft, in milliseconds.
const STALE_MS: i64 = 10_000;

/// By how much Gmail's clock may be behind this one, in milliseconds.
const SKEW_MS: i64 = 5_000;

/// The signs in the page.
#[derive(Debug, Default)]
pub(crate) struct Signs {
    /// What the list of scheduled emails showed of each when last looked at.
    rows: RefCell<Vec<(MessageId, Row)>>,
}

impl Signs {
    /// Whether the page is to be searched though no press is pending.
    pub(crate) fn are_awaited(tab: &Tab) -> bool {
        tab.outcomes.any_unlocated() || tab.session.any_awaited()
    }

    /// Looks for what shows for a moment only: a refusal, and the message that says "sent".
    pub(crate) fn check_moment(tab: &Tab) {
        check_refusals(tab);
        check_undo_links(tab);
    }

    /// Looks for what stays in the page.
    pub(crate) fn search(&self, tab: &Tab) {
        tab.outcomes.forget_old(clock::now());
        check_lists(tab);
        check_open(tab);
        check_ids(tab);
        self.check_scheduled(tab);
    }

    /// Looks for scheduled emails in the list that the page shows.
    fn check_scheduled(&self, tab: &Tab) {
        let route = route();
        let scheduled = tab.session.scheduled();
        for mail in &scheduled {
            if route == "scheduled" {
                self.check_row(tab, mail, &scheduled);
            } else if route == "drafts"
                && !is_stale(tab, mail.message)
                && shows(&DRAFT_ROW, "data-standalone-draft-id", &mail.draft)
            {
                let evidence = Evidence::shown(Sign::Draft, Signal::List);
                tab.observe(mail.message, mail.state, evidence);
            }
        }
    }

    fn check_row(&self, tab: &Tab, mail: &Scheduled, scheduled: &[Scheduled]) {
        let is_listed = shows(&ROW_ID, "data-thread-id", &mail.thread);
        let can_undo = UNDO
            .find_all(&page())
            .iter()
            .any(|link| undone_thread(link).as_ref() == Some(&mail.thread));
        let row = match (is_listed, can_undo) {
            (true, false) => Row::Listed,
            (true, true) => Row::ListedWithUndo,
            (false, false) => Row::Gone,
            (false, true) => Row::GoneWithUndo,
        };
        let mut rows = self.rows.borrow_mut();
        let before = rows.iter().position(|(other, _)| *other == mail.message);
        let before = before.map(|place| rows.swap_remove(place).1);
        rows.push((mail.message, row));
        drop(rows);
        let Some(sign) = before.and_then(|before| row.sign(before)) else {
            return;
        };
        let mut others = scheduled.iter().filter(|it| it.thread == mail.thread);
        let signal = match sign {
            Sign::Unlisted => Signal::Toast,
            // Its row may be there for another email of the conversation.
            _ if others.any(|other| !other.is_cancelled()) => return,
            _ => Signal::List,
        };
        tab.observe(mail.message, mail.state, Evidence::shown(sign, signal));
    }
}

/// Whether `message` was pressed here so lately that its row in the list of drafts says nothing.
fn is_stale(tab: &Tab, message: MessageId) -> bool {
    let pressed = tab.outcomes.sent_here_at(message);
    pressed.is_some_and(|at| clock::now().since(at) < STALE_MS)
}

/// What the page shows, such as `scheduled`: the first part of its address behind the `#`.
fn route() -> String {
    let url = document().url().unwrap_or_default();
    let hash = url.split_once('#').map_or("", |(_, hash)| hash);
    let route = hash.split_once('?').map_or(hash, |(route, _)| route);
    route.to_owned()
}

fn check_refusals(tab: &Tab) {
    let (now, refusals, fields) = (clock::now(), refusals(), time_fields());
    let refused = tab.outcomes.pending(&|it| {
        let is_new = |dialog| !it.dialogs.contains(dialog);
        let age = now.since(it.pressed_at);
        let State::Pressed(when) = it.state else {
            return false;
        };
        it.form.compose.is_open()
            && ((age < REFUSAL_MS && refusals.iter().any(is_new))
                || (age < FIELDS_MS && when == When::Later && fields.iter().any(is_new)))
    });
    for (_, form) in refused {
        tab.refused(&form, Signal::Dialog);
    }
}

/// Gmail offers to undo a send in the conversation of a press: it left.
fn check_undo_links(tab: &Tab) {
    for link in UNDO.find_all(&page()) {
        let Some(thread) = undone_thread(&link) else {
            continue;
        };
        let of_thread = tab
            .outcomes
            .pending(&|it| it.thread.as_ref() == Some(&thread) && !it.links.contains(&link));
        if let Some((message, _)) = of_thread.first() {
            let evidence = Evidence::shown(Sign::Left, Signal::Toast);
            tab.observe(*message, State::Unknown, evidence);
        }
    }
}

/// An email whose form is gone may stand in the conversation or a list by now.
fn check_lists(tab: &Tab) {
    let listed = tab.outcomes.pending(&|it| {
        let draft = it.form.compose.draft();
        !it.form.compose.is_open() && is_listed(it.thread.as_ref(), draft.as_ref(), it.pressed_at)
    });
    if let Some((message, _)) = listed.first() {
        let evidence = Evidence::shown(Sign::Left, Signal::List);
        tab.observe(*message, State::Unknown, evidence);
    }
}

/// The same for presses of another page, or of this one before it was loaded anew. What was chosen in
/// those is not known here, so the list of scheduled emails says nothing.
fn check_open(tab: &Tab) {
    if route() == "scheduled" {
        return;
    }
    for press in tab.session.open_presses() {
        if !tab.outcomes.is_sent_here(press.message)
            && tab.forms.of_draft(&press.draft).is_none()
            && is_listed(press.thread.as_ref(), Some(&press.draft), press.at)
        {
            let evidence = Evidence::shown(Sign::Left, Signal::List);
            tab.observe(press.message, State::Requested(When::Now), evidence);
        }
    }
}

/// Whether the page shows an email of about `at` where the one of `draft` would stand.
fn is_listed(thread: Option<&ThreadId>, draft: Option<&DraftId>, at: Millis) -> bool {
    let listed = thread
        .zip(draft)
        .and_then(|(thread, draft)| listed_at(thread, draft));
    listed.is_some_and(|listed| (-SKEW_MS..LISTED_MS).contains(&listed.since(at)))
}

/// When the newest message of the conversation was made that stands where this email would, by its
/// id, which begins with that.
fn listed_at(thread: &ThreadId, draft: &DraftId) -> Option<Millis> {
    let selector = [
        "[data-message-id='#",
        draft.as_ref(),
        "'],[data-thread-id^='#",
        thread.as_ref(),
        "'][data-legacy-last-non-draft-message-id]",
    ]
    .concat();
    let found = page().query_selector(&selector).ok()??;
    let id = attribute(&found, "data-legacy-message-id")
        .or_else(|| attribute(&found, "data-legacy-last-non-draft-message-id"))?;
    Some(LegacyId::parse(&id)?.time())
}

/// Gmail's lists and conversations show both ids of a conversation; only the second opens it.
fn check_ids(tab: &Tab) {
    for thread in tab.outcomes.unlocated() {
        if let Some(legacy) = legacy_of(&thread) {
            tab.outcomes.located(thread, legacy);
        }
    }
}

fn legacy_of(thread: &ThreadId) -> Option<LegacyId> {
    let selector = [
        "[data-thread-id^='#",
        thread.as_ref(),
        "'][data-legacy-thread-id], [data-thread-perm-id='",
        thread.as_ref(),
        "'][data-legacy-thread-id]",
    ]
    .concat();
    let found = page().query_selector(&selector).ok()??;
    id_in(&found, "data-legacy-thread-id")
}

/// Whether the page shows a row that names `id`.
fn shows<T: GmailId + PartialEq>(row: &Landmark, name: &str, id: &T) -> bool {
    row.find_all(&page())
        .iter()
        .any(|node| id_in::<T>(node, name).as_ref() == Some(id) && is_shown(node))
}

/// The dialogs that are shown, of those that may follow a press instead of a send.
pub(crate) fn dialogs() -> Vec<Element> {
    let mut found = refusals();
    found.extend(time_fields());
    found
}

fn refusals() -> Vec<Element> {
    let mut found = REFUSAL.find_by_any(&page());
    found.retain(is_shown_or_fixed);
    found
}

/// Choosing a time may lead to another dialog instead of to the email's leaving.
fn time_fields() -> Vec<Element> {
    let mut found = TIME_FIELDS.find_all(&page());
    found.retain(is_shown_or_fixed);
    found
}

/// A dialog that is fixed to the window has no offset parent, but is shown if it has a size.
pub(crate) fn is_shown_or_fixed(dialog: &Element) -> bool {
    is_shown(dialog) || dialog.client_height() > 0
}
