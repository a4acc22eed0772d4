//! Every email of a period, as reports and searches know it. What each came to is kept beside it, so
//! that thousands are there at once; those whose events changed since are judged first.

use crate::error::WorkerError;
use crate::judgements::{self, Snapshot};
use crate::store::kept::Summary;
use crate::store::{self, Store, messages, summaries};
use crate::subscribers::{self, Topic};
use futures_util::future::try_join_all;
use js_sys::JsString;
use kaifu_chrome::clock::now;
use kaifu_core::outcome::Later;
use kaifu_core::report::{Facts, Person, Window};
use kaifu_core::time::{DAY, Millis};
use kaifu_protocol::state::State;
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

/// How many emails are judged at a time: what is read for them is then let go of, and whoever wants to
/// write waits no longer than for these.
const AT_A_TIME: usize = 250;

/// By how many milliseconds the browser's clock may have been set since an email was sent.
const CLOCKS_DIFFER: i64 = DAY;

/// One email.
pub(crate) struct Email {
    /// The message: 8 bytes in base64url without padding.
    pub(crate) message: String,
    /// The subject.
    pub(crate) subject: String,
    /// The mailbox that sent it.
    pub(crate) mailbox: Option<String>,
    /// Its state.
    pub(crate) state: State,
    /// What a report knows of it.
    pub(crate) facts: Facts,
    /// Its subject, and its recipients' names and addresses, in lower case; made when it is looked for.
    words: OnceCell<String>,
}

/// Emails, and for how long what is known of them holds.
pub(crate) struct Emails {
    revision: u64,
    /// When the first of them is no longer to be sent later.
    until: Option<Millis>,
    /// Since when all that were sent are among them; `None` where these are all that are kept.
    since: Option<Millis>,
    /// How many are kept.
    pub(crate) kept: u32,
    /// Every mailbox that emails were sent from, in alphabetical order.
    pub(crate) mailboxes: Vec<String>,
    /// Those that left, the oldest first.
    pub(crate) all: Vec<Email>,
}

thread_local! {
    static KNOWN: RefCell<Option<Rc<Emails>>> = const { RefCell::new(None) };
}

/// The emails of `window` and perhaps others as they stand now, and the revision of that.
pub(crate) async fn of(window: Window) -> Result<(u64, Rc<Emails>), WorkerError> {
    let revision = subscribers::revision(Topic::OF_REPORT);
    let known = KNOWN.with_borrow(Clone::clone);
    if let Some(known) = known.filter(|known| known.holds(revision, window)) {
        return Ok((revision, known));
    }
    // What was known is let go of first: there is no need for both at once.
    KNOWN.take();
    let emails = Rc::new(Emails::read(revision, window).await?);
    KNOWN.set(Some(Rc::clone(&emails)));
    Ok((revision, emails))
}

/// Judges every email whose events changed since it was last judged.
pub(crate) async fn judge_changed() -> Result<(), WorkerError> {
    judge_missing(&store::open().await?, None).await
}

async fn judge_missing(store: &Store, since: Option<Millis>) -> Result<(), WorkerError> {
    summaries::renew(store, &judgements::stamp()).await?;
    let missing = summaries::missing(store, since).await?;
    judge(store, &missing).await
}

/// Judges `messages`, and keeps what they come to.
async fn judge(store: &Store, messages: &[String]) -> Result<(), WorkerError> {
    for some in messages.chunks(AT_A_TIME) {
        let snapshot = Snapshot::open_to_write(store).await?;
        let summaries = some.iter().map(|message| summary(&snapshot, message));
        for summary in try_join_all(summaries).await?.into_iter().flatten() {
            summaries::keep(&snapshot.transaction, &summary).await?;
        }
        store::commit(snapshot.transaction).await?;
    }
    Ok(())
}

async fn summary(snapshot: &Snapshot, message: &str) -> Result<Option<Summary>, WorkerError> {
    match messages::find_in(&snapshot.transaction, message).await? {
        Some(kept) => snapshot.summary(kept).await.map(Some),
        None => Ok(None),
    }
}

impl Emails {
    async fn read(revision: u64, window: Window) -> Result<Self, WorkerError> {
        let store = store::open().await?;
        // By the clock as it goes now, an email may have been sent a little later than it was noted.
        let since = window.since.map(|since| since.plus(-CLOCKS_DIFFER));
        judge_missing(&store, since).await?;
        let mut snapshot = Snapshot::open(&store).await?;
        let mut found = summaries::since(&snapshot.transaction, since).await?;
        let outdated = found.iter().filter(|summary| !snapshot.bears_out(summary));
        let outdated: Vec<String> = outdated.map(|it| it.kept.message.clone()).collect();
        if !outdated.is_empty() {
            judge(&store, &outdated).await?;
            snapshot = Snapshot::open(&store).await?;
            found = summaries::since(&snapshot.transaction, since).await?;
        }
        let (_, kept) = messages::newest(&snapshot.transaction, None, 0).await?;
        let mailboxes = messages::mailboxes(&snapshot.transaction).await?;
        found.retain(|summary| summary.kept.left());
        let later = found.iter().filter_map(|summary| summary.kept.later());
        let until = later.filter_map(|later| match later {
            Later::Timed(at) if at > now() => Some(at),
            Later::Timed(_) | Later::Untimed => None,
        });
        Ok(Self {
            revision,
            until: until.min(),
            since: window.since,
            kept,
            mailboxes,
            all: found
                .into_iter()
                .map(|summary| Email::new(&snapshot, summary))
                .collect(),
        })
    }

    /// Whether nothing has changed since, and every email of `window` is among these.
    fn holds(&self, revision: u64, window: Window) -> bool {
        let has_window = self
            .since
            .is_none_or(|since| window.since.is_some_and(|wanted| wanted >= since));
        let is_still_so = self.until.is_none_or(|until| window.now < until);
        self.revision == revision && is_still_so && has_window
    }
}

impl Email {
    fn new(snapshot: &Snapshot, summary: Summary) -> Self {
        let kept = &summary.kept;
        let state = snapshot.state_now(kept, summary.state);
        let sent_at = snapshot.sent_at(kept);
        let now = snapshot.clocks(kept);
        let kept = summary.kept;
        let recipients = kept.recipients.into_iter();
        let people = recipients.map(|recipient| Person {
            address: recipient.address,
            name: recipient.name,
        });
        let facts = Facts::new(sent_at, state.into(), people.collect());
        Self {
            message: kept.message,
            subject: kept.subject,
            mailbox: kept.mailbox,
            state,
            facts: facts.with(&summary.traces, now),
            words: OnceCell::new(),
        }
    }

    /// Whether each of `words`, which are in lower case, occurs in the subject, or a recipient's name or
    /// address.
    pub(crate) fn has_all(&self, words: &[&str]) -> bool {
        let known = self.words.get_or_init(|| {
            let mut all = self.subject.clone();
            for person in &self.facts.recipients {
                for part in [&person.name, &person.address] {
                    all.push('\n');
                    all.push_str(part);
                }
            }
            lower_case(&all)
        });
        words.iter().all(|word| known.contains(word))
    }
}

/// `text` in lower case. The tables for it are large, and the browser has its own.
pub(crate) fn lower_case(text: &str) -> String {
    JsString::from(text).to_lower_case().into()
}
