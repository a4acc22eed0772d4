//! What the worker told last about the account and its drafts.

use crate::worker;
use kaifu_core::gmail::id::{DraftId, ThreadId};
use kaifu_core::id::MessageId;
use kaifu_core::mail::pixel::Pixels;
use kaifu_core::outcome::{Outcome, State};
use kaifu_protocol::content::{self, Choose, Credentials};
use std::cell::{Cell, RefCell, RefMut};
use std::rc::Rc;

/// What is known about the account and its drafts. Nothing borrowed leaves it, so it may be asked
/// and changed at any time, also from what Gmail calls while we change its page.
#[derive(Debug, Default)]
pub(crate) struct Session {
    is_heard: Cell<bool>,
    pixels: RefCell<Option<Rc<Pixels>>>,
    track_by_default: Cell<bool>,
    mark_untracked: Cell<bool>,
    drafts: RefCell<Vec<(DraftId, Remembered)>>,
}

#[derive(Debug, Default)]
struct Remembered {
    track: Option<bool>,
    message: Option<MessageId>,
    scheduled: Option<ThreadId>,
    cancelled: bool,
}

impl Remembered {
    fn scheduled(&self) -> Option<(&ThreadId, MessageId)> {
        let thread = self.scheduled.as_ref()?;
        (self.track != Some(false)).then_some((thread, self.message?))
    }
}

/// An email that Gmail keeps for a later time, or kept until that was cancelled.
#[derive(Clone, Debug)]
pub(crate) struct Scheduled {
    pub(crate) draft: DraftId,
    pub(crate) thread: ThreadId,
    pub(crate) message: MessageId,
    /// Which of both it is.
    pub(crate) state: State,
}

impl Scheduled {
    /// Whether the user cancelled it.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.state == State::Settled(Outcome::Cancelled)
    }
}

impl Session {
    /// Whether the worker has said anything yet.
    pub(crate) fn is_heard(&self) -> bool {
        self.is_heard.get()
    }

    /// What images are made with; `None` until there is an account.
    pub(crate) fn pixels(&self) -> Option<Rc<Pixels>> {
        self.pixels.borrow().clone()
    }

    /// Whether an email is tracked when nothing was chosen for it.
    pub(crate) fn track_by_default(&self) -> bool {
        self.track_by_default.get()
    }

    /// Whether the worker wants to know of emails that are not tracked, too.
    pub(crate) fn mark_untracked(&self) -> bool {
        self.mark_untracked.get()
    }

    /// What was chosen for `draft`.
    pub(crate) fn choice(&self, draft: &DraftId) -> Option<bool> {
        self.remembered(draft, |it| it.track)
    }

    /// The message that `draft` stood for when Send was last pressed.
    pub(crate) fn message(&self, draft: &DraftId) -> Option<MessageId> {
        self.remembered(draft, |it| it.message)
    }

    /// The emails that Gmail keeps for a later time, or kept until that was cancelled. One whose
    /// draft is not to be tracked any more would come to the list without its image.
    pub(crate) fn scheduled(&self) -> Vec<Scheduled> {
        let drafts = self.drafts.borrow();
        let scheduled = drafts.iter().filter_map(|(draft, it)| {
            let (thread, message) = it.scheduled()?;
            let outcome = if it.cancelled {
                Outcome::Cancelled
            } else {
                Outcome::Scheduled
            };
            Some(Scheduled {
                draft: draft.clone(),
                thread: thread.clone(),
                message,
                state: State::Settled(outcome),
            })
        });
        scheduled.collect()
    }

    /// Whether there is any of these.
    pub(crate) fn any_scheduled(&self) -> bool {
        let drafts = self.drafts.borrow();
        drafts.iter().any(|(_, it)| it.scheduled().is_some())
    }

    /// Remembers a choice, here and with the worker.
    pub(crate) fn choose(&self, draft: DraftId, track: bool) {
        self.entry(&draft).track = Some(track);
        worker::tell(Choose { draft, track });
    }

    /// Remembers what holds for `draft` once its form is closed; in this page only.
    pub(crate) fn close(&self, draft: &DraftId, track: bool) {
        self.entry(draft).track.get_or_insert(track);
    }

    /// Remembers which message `draft` stands for; the worker learns it with the press.
    pub(crate) fn assign(&self, draft: &DraftId, message: MessageId) {
        self.entry(draft).message = Some(message);
    }

    /// Takes over what the worker says.
    pub(crate) fn update(&self, told: content::Session) {
        self.is_heard.set(true);
        self.pixels
            .replace(told.account.as_ref().and_then(pixels).map(Rc::new));
        self.track_by_default.set(told.track_by_default);
        self.mark_untracked.set(told.mark_untracked);
        for draft in told.drafts {
            let message = draft.message.and_then(|message| message.parse().ok());
            let mut known = self.entry(&draft.draft);
            // The worker never takes anything back, and what it does not know may be known here.
            known.track = draft.track.or(known.track);
            known.message = message.or(known.message);
            known.scheduled = draft.scheduled;
            known.cancelled = draft.cancelled;
        }
    }

    fn remembered<T>(
        &self,
        draft: &DraftId,
        read: impl FnOnce(&Remembered) -> Option<T>,
    ) -> Option<T> {
        let drafts = self.drafts.borrow();
        let found = drafts.iter().find(|(known, _)| known == draft);
        read(&found?.1)
    }

    fn entry(&self, draft: &DraftId) -> RefMut<'_, Remembered> {
        let mut drafts = self.drafts.borrow_mut();
        let known = drafts.iter().position(|(known, _)| known == draft);
        let place = known.unwrap_or_else(|| {
            drafts.push((draft.clone(), Remembered::default()));
            drafts.len() - 1
        });
        RefMut::map(drafts, |drafts| &mut drafts[place].1)
    }
}

fn pixels(account: &Credentials) -> Option<Pixels> {
    let (id, key) = (account.account.parse(), account.key.parse());
    Some(Pixels::new(&account.backend, id.ok()?, key.ok()?))
}
