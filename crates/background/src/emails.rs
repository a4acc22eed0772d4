//! Every email of a period, as reports and searches know it. What each came to is kept beside it, so
//! that thousands are there at once; those whose events changed since are judged first.

use crate::accounts;
use crate::error::WorkerError;
use crate::judgements::{self, Snapshot, state_now};
use crate::store::kept::Summary;
use crate::store::records::Head;
use crate::store::summaries::{self, Found};
use crate::store::{self, Store, messages};
use crate::subscribers::{self, Topic};
use futures_util::future::try_join_all;
use kaifu_chrome::clock::now;
use kaifu_core::outcome::Later;
use kaifu_core::report::{Facts, Person, Window};
use kaifu_core::sort::{Rank, sorted, sorted_by};
use kaifu_core::time::{DAY, Millis};
use kaifu_protocol::pages::WatchMessages;
use kaifu_protocol::state::State;
use std::cell::RefCell;
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
    words: String,
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
    /// What was last looked through, and its revision.
    static SEARCHED: RefCell<Option<(u64, Rc<Found>)>> = const { RefCell::new(None) };
}

/// The first messages of those that `call` asks for, by their latest activity, and how many these are in
/// all; they have all of `words`, which are in lower case.
pub(crate) async fn search(
    call: &WatchMessages,
    words: &[&str],
) -> Result<(Vec<String>, u32), WorkerError> {
    let followed = accounts::followed().await?;
    let all = searched().await?;
    let mailbox = call.mailbox.as_deref();
    let is_asked =
        |it: &Head<'_>| (call.kind).has(state_now(&followed, it.account, it.later, it.state));
    let found: Vec<Head<'_>> = all
        .heads()
        .filter(|head| head.left && (mailbox.is_none() || head.mailbox == mailbox))
        .filter(|head| has_all(head.words, words) && is_asked(head))
        .collect();
    let ranks: Vec<Rank> = found.iter().map(|head| (-head.activity.0, 0)).collect();
    let first = sorted(&ranks).into_iter().take(call.limit as usize);
    let messages = first.map(|place| found[place].message.to_owned()).collect();
    Ok((messages, u32::try_from(found.len()).unwrap_or(u32::MAX)))
}

/// Everything that can be looked for, as it stands now.
async fn searched() -> Result<Rc<Found>, WorkerError> {
    let revision = subscribers::revision(Topic::OF_REPORT);
    let known = SEARCHED.with_borrow(Clone::clone);
    if let Some((_, known)) = known.filter(|(of, _)| *of == revision) {
        return Ok(known);
    }
    let store = store::open().await?;
    let mut found = found(&store, None).await?;
    if !found.missing.is_empty() {
        let judged = judge(&store, &found.missing).await?;
        found.add(&judged);
    }
    let found = Rc::new(found);
    SEARCHED.set(Some((revision, Rc::clone(&found))));
    Ok(found)
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
    let store = store::open().await?;
    let found = found(&store, None).await?;
    judge(&store, &found.missing).await?;
    Ok(())
}

async fn found(store: &Store, since: Option<Millis>) -> Result<Found, WorkerError> {
    summaries::renew(store, &judgements::stamp()).await?;
    summaries::since(store, since).await
}

/// Judges `messages`, and keeps what they come to.
async fn judge(store: &Store, messages: &[String]) -> Result<Vec<Summary>, WorkerError> {
    let mut all = Vec::new();
    for some in messages.chunks(AT_A_TIME) {
        let snapshot = Snapshot::open_to_write(store).await?;
        let summaries = some.iter().map(|message| summary(&snapshot, message));
        let summaries = try_join_all(summaries).await?.into_iter().flatten();
        let first = all.len();
        all.extend(summaries);
        summaries::keep(&snapshot.transaction, &all[first..]).await?;
        store::commit(snapshot.transaction).await?;
    }
    Ok(all)
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
        let known = found(&store, since).await?;
        let mut snapshot = Snapshot::open(&store).await?;
        let (mut found, mut outdated) = (Vec::new(), Vec::new());
        for summary in known.unpacked() {
            if snapshot.bears_out(&summary) {
                found.push(summary);
            } else {
                outdated.push(summary.kept.message);
            }
        }
        outdated.extend(known.missing);
        if !outdated.is_empty() {
            found.extend(judge(&store, &outdated).await?);
            snapshot = Snapshot::open(&store).await?;
        }
        let (_, kept) = messages::newest(&snapshot.transaction, None, 0).await?;
        let mailboxes = messages::mailboxes(&snapshot.transaction).await?;
        found.retain(|summary| summary.kept.left());
        let found = sorted_by(found, |summary| (summary.kept.sent_at.0, 0));
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
            words: summary.words,
        }
    }

    /// Whether each of `words`, which are in lower case, occurs in the subject, or a recipient's name or
    /// address.
    pub(crate) fn has_all(&self, words: &[&str]) -> bool {
        has_all(&self.words, words)
    }
}

fn has_all(all: &str, words: &[&str]) -> bool {
    words.iter().all(|word| all.contains(word))
}
