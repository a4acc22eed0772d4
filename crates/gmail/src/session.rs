//! The Gmail tab's side of the session: what the worker told last, kept up to date.

use crate::app::App;
use crate::worker;
use gloo_timers::future::TimeoutFuture;
use kaifu_chrome::runtime;
use kaifu_core::id::MessageId;
use kaifu_core::mail::pixel::Pixels;
use kaifu_protocol::content::{Choose, Credentials, Session, Watch};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// How long to wait before asking a worker again that did not answer, in milliseconds.
const RETRY_MS: u32 = 1_000;

/// What is known about the account and its drafts.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Whether the worker has said anything yet.
    pub(crate) heard: bool,
    /// What images are made with; `None` until there is an account.
    pub(crate) pixels: Option<Rc<Pixels>>,
    /// Whether a mail is tracked when nothing was chosen for it.
    pub(crate) track_by_default: bool,
    /// Whether mails that are not tracked are told of, too.
    pub(crate) mark_untracked: bool,
    drafts: Vec<(String, Remembered)>,
}

#[derive(Debug, Default)]
struct Remembered {
    track: Option<bool>,
    message: Option<MessageId>,
    scheduled: Option<String>,
    cancelled: bool,
}

/// A mail that Gmail keeps for a later time, or kept until that was cancelled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scheduled<'a> {
    pub(crate) draft: &'a str,
    pub(crate) thread: &'a str,
    pub(crate) message: MessageId,
    pub(crate) cancelled: bool,
}

impl Known {
    /// What was chosen for `draft`.
    pub(crate) fn choice(&self, draft: &str) -> Option<bool> {
        self.remembered(draft)?.track
    }

    /// What holds for `draft` once its form is closed; kept in this page only.
    pub(crate) fn close(&mut self, draft: &str, track: bool) {
        self.entry(draft).track.get_or_insert(track);
    }

    /// The message that `draft` stood for when Send was last pressed.
    pub(crate) fn message(&self, draft: &str) -> Option<MessageId> {
        self.remembered(draft)?.message
    }

    /// The mails that Gmail keeps for a later time, or kept until that was cancelled. One whose draft
    /// is not to be tracked any more would come to the list without its image.
    pub(crate) fn scheduled(&self) -> impl Iterator<Item = Scheduled<'_>> {
        self.drafts.iter().filter_map(|(draft, it)| {
            let tracks = it.track != Some(false);
            Some(Scheduled {
                draft,
                thread: it.scheduled.as_deref().filter(|_| tracks)?,
                message: it.message?,
                cancelled: it.cancelled,
            })
        })
    }

    /// Remembers a choice, here and with the worker.
    pub(crate) fn choose(&mut self, draft: String, track: bool) {
        self.entry(&draft).track = Some(track);
        worker::tell(Choose { draft, track });
    }

    /// Remembers which message `draft` stands for; the worker learns it with the press.
    pub(crate) fn assign(&mut self, draft: &str, message: MessageId) {
        self.entry(draft).message = Some(message);
    }

    fn update(&mut self, session: Session) {
        self.heard = true;
        self.pixels = session.account.as_ref().and_then(pixels).map(Rc::new);
        self.track_by_default = session.track_by_default;
        self.mark_untracked = session.mark_untracked;
        for draft in session.drafts {
            let message = draft.message.and_then(|message| message.parse().ok());
            let known = self.entry(&draft.draft);
            // The worker never takes anything back, and what it does not know may be known here.
            known.track = draft.track.or(known.track);
            known.message = message.or(known.message);
            known.scheduled = draft.scheduled;
            known.cancelled = draft.cancelled;
        }
    }

    fn remembered(&self, draft: &str) -> Option<&Remembered> {
        self.drafts
            .iter()
            .find(|(known, _)| known == draft)
            .map(|(_, remembered)| remembered)
    }

    fn entry(&mut self, draft: &str) -> &mut Remembered {
        let known = self.drafts.iter().position(|(known, _)| known == draft);
        let place = known.unwrap_or_else(|| {
            self.drafts.push((draft.to_owned(), Remembered::default()));
            self.drafts.len() - 1
        });
        &mut self.drafts[place].1
    }
}

fn pixels(account: &Credentials) -> Option<Pixels> {
    let (id, key) = (account.account.parse(), account.key.parse());
    Some(Pixels::new(&account.backend, id.ok()?, key.ok()?))
}

/// Keeps one call with the worker open for as long as the page lives. It brings every change, and
/// its being open keeps the worker awake. Ends when the extension that this script came with does.
pub(crate) fn follow(app: Rc<App>) {
    spawn_local(async move {
        let mut revision = 0;
        while runtime::is_connected() {
            let pause = match runtime::call(Watch { revision }).await {
                Ok(update) => {
                    if update.revision != revision {
                        revision = update.revision;
                        let heard = app.known.borrow().heard;
                        app.known.borrow_mut().update(update.value);
                        if !heard {
                            app.heard();
                        }
                        app.refresh();
                    }
                    update.pause_ms
                }
                Err(_) => RETRY_MS,
            };
            if pause > 0 {
                TimeoutFuture::new(pause).await;
            }
        }
        app.leave();
    });
}
