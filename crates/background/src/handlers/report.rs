//! What the report page shows. The emails of a period are judged once for all that is asked of them,
//! and again when something of them has changed: a page that sorts or filters waits for no database.

use crate::backend::poll;
use crate::error::WorkerError;
use crate::judgements::Snapshot;
use crate::store::kept::KeptMessage;
use crate::store::{self, messages};
use crate::subscribers::{self, Topic};
use futures_util::future::try_join_all;
use js_sys::JsString;
use kaifu_chrome::clock;
use kaifu_core::outcome::Later;
use kaifu_core::report::{
    self, Facts, Order, Person, Which, Window, domains, figures, first_opens, hours, people,
    spread, trend,
};
use kaifu_core::time::{DAY, Millis};
use kaifu_protocol::held::Held;
use kaifu_protocol::report::{Contact, Email, Question, Report, WatchReport};
use kaifu_protocol::state::State;
use std::cell::RefCell;
use std::rc::Rc;

/// How many emails are read and judged at a time: what is read for them is then let go of.
const AT_A_TIME: usize = 250;

/// By how many milliseconds the browser's clock may have been set since an email was sent.
const CLOCKS_DIFFER: i64 = DAY;

/// At most how many recipients, and how many domains, a report names.
const MOST_CONTACTS: usize = 10;

/// One email as it was judged.
struct Judged {
    message: String,
    subject: String,
    mailbox: Option<String>,
    state: State,
    facts: Facts,
}

/// Emails as they were judged, and for how long that holds.
struct Known {
    /// What they were judged at.
    revision: u64,
    /// When the first of them is no longer to be sent later.
    until: Option<Millis>,
    /// Since when all that were sent are among them; `None` where these are all that are kept.
    since: Option<Millis>,
    /// How many are kept.
    kept: u32,
    mailboxes: Vec<String>,
    emails: Vec<Judged>,
}

thread_local! {
    static KNOWN: RefCell<Option<Rc<Known>>> = const { RefCell::new(None) };
}

/// Answers as soon as there is something new; see [`WatchReport`].
pub(crate) async fn watch(call: WatchReport) -> Result<Held<Report>, WorkerError> {
    let waiting = subscribers::wait(Topic::OF_REPORT, call.revision);
    poll::follow();
    let pause_ms = waiting.await;
    let window = Window::of_days(call.question.days, clock::now());
    let (revision, known) = known(window).await?;
    Ok(Held {
        revision,
        pause_ms,
        value: answer(&known, &call.question, window),
    })
}

/// The emails of `window` and perhaps others as they are judged now, and the revision of that.
async fn known(window: Window) -> Result<(u64, Rc<Known>), WorkerError> {
    let revision = subscribers::revision(Topic::OF_REPORT);
    let known = KNOWN.with_borrow(Clone::clone);
    if let Some(known) = known.filter(|known| known.holds(revision, window)) {
        return Ok((revision, known));
    }
    // What was known is let go of first: there is no need for both at once.
    KNOWN.take();
    let judged = Rc::new(judge_all(revision, window).await?);
    KNOWN.set(Some(Rc::clone(&judged)));
    Ok((revision, judged))
}

async fn judge_all(revision: u64, window: Window) -> Result<Known, WorkerError> {
    let store = store::open().await?;
    let snapshot = Snapshot::open(&store).await?;
    let (_, kept) = messages::newest(&snapshot.transaction, None, 0).await?;
    let mailboxes = messages::mailboxes(&snapshot.transaction).await?;
    // By the clock as it goes now, an email may have been sent a little later than it was noted.
    let since = window.since.map(|since| since.plus(-CLOCKS_DIFFER));
    let records = messages::sent_since(&snapshot.transaction, since).await?;
    let later = records.iter().filter_map(KeptMessage::later);
    let until = later.filter_map(|later| match later {
        Later::Timed(at) if at > window.now => Some(at),
        Later::Timed(_) | Later::Untimed => None,
    });
    let until = until.min();
    let mut emails = Vec::with_capacity(records.len());
    for records in records.chunks(AT_A_TIME) {
        let judged = records.iter().map(|record| judged(&snapshot, record));
        emails.extend(try_join_all(judged).await?);
    }
    Ok(Known {
        revision,
        until,
        since: window.since,
        kept,
        mailboxes,
        emails,
    })
}

impl Known {
    /// Whether nothing has changed since, and every email of `window` is among these.
    fn holds(&self, revision: u64, window: Window) -> bool {
        let has_window = self
            .since
            .is_none_or(|since| window.since.is_some_and(|wanted| wanted >= since));
        let is_still_so = self.until.is_none_or(|until| window.now < until);
        self.revision == revision && is_still_so && has_window
    }
}

async fn judged(snapshot: &Snapshot, record: &KeptMessage) -> Result<Judged, WorkerError> {
    let judged = snapshot.judged(record).await?;
    let state = snapshot.state(record, &judged.judgement);
    let recipients = record.recipients.iter().map(|recipient| Person {
        address: recipient.address.clone(),
        name: recipient.name.clone(),
    });
    let facts = Facts::new(snapshot.sent_at(record), state.into(), recipients.collect());
    Ok(Judged {
        message: record.message.clone(),
        subject: record.subject.clone(),
        mailbox: record.mailbox.clone(),
        state,
        facts: facts.with(&judged.events, &judged.shown, &judged.judgement),
    })
}

/// The answer to `question`, which is about the emails of `window`.
fn answer(known: &Known, question: &Question, window: Window) -> Report {
    let zone = &clock::zone;
    let now = window.now;
    let wanted = question.mailbox.as_ref();
    let in_window: Vec<&Judged> = known
        .emails
        .iter()
        .filter(|email| wanted.is_none() || email.mailbox.as_ref() == wanted)
        .filter(|email| window.has(&email.facts))
        .collect();
    let facts: Vec<&Facts> = in_window.iter().map(|email| &email.facts).collect();
    let all = || facts.iter().copied();
    let listed = listed(&in_window, question, now);
    let count = |of: usize| u32::try_from(of).unwrap_or(u32::MAX);
    Report {
        kept: known.kept,
        mailboxes: known.mailboxes.clone(),
        figures: figures(all(), window).into(),
        first_opens: first_opens(all()).into(),
        hours: hours(all(), zone).0.concat(),
        spread: spread(all(), now, zone).into(),
        weeks: trend(all(), zone).into_iter().map(Into::into).collect(),
        people: contacts(people(all())),
        domains: contacts(domains(all())),
        matching: count(listed.len()),
        emails: listed
            .into_iter()
            .take(question.limit as usize)
            .map(|email| Email {
                mailbox: email.mailbox.clone(),
                ..Email::new(&email.message, &email.subject, email.state, &email.facts)
            })
            .collect(),
    }
}

fn contacts(all: Vec<report::Contact>) -> Vec<Contact> {
    let first = all.into_iter().take(MOST_CONTACTS);
    first.map(Into::into).collect()
}

/// Those of `emails` that `question` asks for, in its order.
fn listed<'a>(emails: &[&'a Judged], question: &Question, now: Millis) -> Vec<&'a Judged> {
    let which = Which::from_code(&question.which).unwrap_or_default();
    let order = Order::from_code(&question.order).unwrap_or_default();
    let text = lower_case(&question.text);
    let words: Vec<&str> = text.split_whitespace().collect();
    let found: Vec<&Judged> = emails
        .iter()
        .filter(|email| which.has(&email.facts, now, &clock::zone))
        .filter(|email| words.is_empty() || email.has_all(&words))
        .copied()
        .collect();
    let ranks: Vec<(i64, i64)> = found.iter().map(|it| order.rank(&it.facts)).collect();
    let mut places = report::sorted(&ranks);
    if question.reversed {
        places.reverse();
    }
    places.into_iter().map(|place| found[place]).collect()
}

impl Judged {
    /// Whether each of `words` occurs in the subject, or a recipient's name or address.
    fn has_all(&self, words: &[&str]) -> bool {
        let mut haystack = self.subject.clone();
        for person in &self.facts.recipients {
            for part in [&person.name, &person.address] {
                haystack.push('\n');
                haystack.push_str(part);
            }
        }
        let haystack = lower_case(&haystack);
        words.iter().all(|word| haystack.contains(word))
    }
}

/// `text` in lower case. The tables for it are large, and the browser has its own.
fn lower_case(text: &str) -> String {
    JsString::from(text).to_lower_case().into()
}
