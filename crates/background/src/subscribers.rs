//! Calls that are held open until something that they are about has changed.
//!
//! Each Gmail tab and each open page of ours keeps one. A held call also keeps the worker from being
//! stopped, which a long poll of its own would not.

use futures_channel::oneshot;
use std::cell::RefCell;
use std::mem::take;

/// Something that can change, and that held calls are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    /// What is remembered about drafts: choices, and the messages that they stand for.
    Drafts,
    /// The messages that were sent, what became of them, and their events.
    Messages,
    /// What the user has set.
    Settings,
    /// The account, and whether the server answers.
    Server,
    /// What is missing in Gmail's pages.
    Landmarks,
}

impl Topic {
    /// Everything.
    pub(crate) const ALL: &[Self] = &[
        Self::Drafts,
        Self::Messages,
        Self::Settings,
        Self::Server,
        Self::Landmarks,
    ];
    /// What a Gmail tab is told of.
    pub(crate) const OF_SESSION: &[Self] =
        &[Self::Drafts, Self::Messages, Self::Settings, Self::Server];
    /// What the marks in Gmail are made from.
    pub(crate) const OF_MARKS: &[Self] = &[Self::Messages, Self::Settings];
    /// What the list of messages is made from.
    pub(crate) const OF_OVERVIEW: &[Self] = &[
        Self::Messages,
        Self::Settings,
        Self::Server,
        Self::Landmarks,
    ];
    /// What the first page shows.
    pub(crate) const OF_FIRST: &[Self] = &[Self::Settings, Self::Server];
    /// What the report is made from.
    pub(crate) const OF_REPORT: &[Self] = &[Self::Messages];
    /// What the settings page shows.
    pub(crate) const OF_SETTINGS: &[Self] = &[Self::Settings];

    const COUNT: usize = Self::Landmarks as usize + 1;
}

#[derive(Debug)]
struct Subscriber {
    topics: &'static [Topic],
    /// Takes for how many milliseconds the caller is to pause.
    answer: oneshot::Sender<u32>,
}

/// The held calls, and which revision each topic is at.
#[derive(Debug)]
struct Subscribers {
    /// The highest revision that was given to a topic.
    latest: u64,
    revisions: [u64; Topic::COUNT],
    held: Vec<Subscriber>,
}

impl Subscribers {
    const fn new(first: u64) -> Self {
        Self {
            latest: first,
            revisions: [first; Topic::COUNT],
            held: Vec::new(),
        }
    }

    /// The revision of everything that `topics` name: that of the one that changed last.
    fn revision(&self, topics: &[Topic]) -> u64 {
        let of = |topic: &Topic| self.revisions[*topic as usize];
        topics.iter().map(of).max().unwrap_or(self.latest)
    }

    /// Gives `changed` a new revision, and takes out the calls that are about any of it.
    fn change(&mut self, changed: &[Topic]) -> Vec<Subscriber> {
        self.latest += 1;
        for &topic in changed {
            self.revisions[topic as usize] = self.latest;
        }
        let concerned =
            |held: &mut Subscriber| held.topics.iter().any(|topic| changed.contains(topic));
        self.held.extract_if(.., concerned).collect()
    }

    /// Holds a call about `topics` whose caller knows the revision `seen`; `None` where that is not
    /// the present one, so that there is something to say at once.
    fn hold(&mut self, topics: &'static [Topic], seen: u64) -> Option<oneshot::Receiver<u32>> {
        if seen != self.revision(topics) {
            return None;
        }
        let (answer, answered) = oneshot::channel();
        self.held.push(Subscriber { topics, answer });
        Some(answered)
    }
}

thread_local! {
    // Another start of the worker must not repeat a revision that a caller has seen.
    static SUBSCRIBERS: RefCell<Subscribers> =
        RefCell::new(Subscribers::new(kaifu_chrome::clock::now().0.unsigned_abs()));
}

/// Names the present state of everything that `topics` name.
pub(crate) fn revision(topics: &[Topic]) -> u64 {
    SUBSCRIBERS.with_borrow(|it| it.revision(topics))
}

/// Whether any call is held.
pub(crate) fn has_any() -> bool {
    SUBSCRIBERS.with_borrow_mut(|it| {
        it.held.retain(|held| !held.answer.is_canceled());
        !it.held.is_empty()
    })
}

/// What `topics` name has changed: answers the calls that are about any of it.
pub(crate) fn changed(topics: &[Topic]) {
    answer(SUBSCRIBERS.with_borrow_mut(|it| it.change(topics)), 0);
}

/// Answers every call, and asks its caller to come back after `pause_ms`.
pub(crate) fn release(pause_ms: u32) {
    answer(
        SUBSCRIBERS.with_borrow_mut(|it| take(&mut it.held)),
        pause_ms,
    );
}

/// Waits until what `topics` name is no longer at the revision `seen`, or the calls are released.
/// Returns how long the caller is to pause before it asks again, in milliseconds.
///
/// The place among the held calls is taken at once and not only when the future is polled: who
/// looks whether anybody waits then sees this one.
pub(crate) fn wait(topics: &'static [Topic], seen: u64) -> impl Future<Output = u32> {
    let held = SUBSCRIBERS.with_borrow_mut(|it| it.hold(topics, seen));
    async {
        match held {
            Some(answered) => answered.await.unwrap_or(0),
            None => 0,
        }
    }
}

fn answer(held: Vec<Subscriber>, pause_ms: u32) {
    for subscriber in held {
        // A caller that is gone needs no answer.
        let _ = subscriber.answer.send(pause_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_in_a_compose_form_changes_no_mark() {
        let mut subscribers = Subscribers::new(7);
        let before = subscribers.revision(Topic::OF_MARKS);
        subscribers.change(&[Topic::Drafts]);
        assert_eq!(subscribers.revision(Topic::OF_MARKS), before);
        subscribers.change(&[Topic::Messages]);
        assert_ne!(subscribers.revision(Topic::OF_MARKS), before);
    }

    #[test]
    fn a_call_is_answered_only_when_what_it_is_about_changes() {
        use Topic::{Drafts, Landmarks, Messages, Server, Settings};
        for (changed, session, overview, settings) in [
            (&[Drafts][..], true, false, false),
            (&[Messages], true, true, false),
            (&[Drafts, Messages], true, true, false),
            (&[Settings], true, true, true),
            (&[Server], true, true, false),
            (&[Landmarks], false, true, false),
        ] {
            let all = [Topic::OF_SESSION, Topic::OF_OVERVIEW, Topic::OF_SETTINGS];
            let mut subscribers = Subscribers::new(7);
            let mut held = all.map(|topics| subscribers.hold(topics, 7).unwrap());
            answer(subscribers.change(changed), 0);
            let answered = held.each_mut().map(|it| it.try_recv().unwrap().is_some());
            assert_eq!(answered, [session, overview, settings], "{changed:?}");
            let new = all.map(|topics| subscribers.revision(topics) != 7);
            assert_eq!(new, answered, "{changed:?}");
        }
    }

    #[test]
    fn who_has_not_seen_the_last_change_need_not_wait() {
        let mut subscribers = Subscribers::new(7);
        assert!(subscribers.hold(Topic::OF_OVERVIEW, 0).is_none());
        subscribers.change(&[Topic::Messages]);
        assert!(subscribers.hold(Topic::OF_OVERVIEW, 7).is_none());
        assert!(subscribers.hold(Topic::OF_SETTINGS, 7).is_some());
        assert!(subscribers.hold(Topic::OF_OVERVIEW, 8).is_some());
    }
}
