//! What the user does in the tabs, what each tab knows, and what the worker keeps.

use super::{Act, MAILS, TABS, Way};
use crate::payload::{Place, SEND, message, operation, pixels, request};
use kaifu_core::choice::{Choice, Choices};
use kaifu_core::gmail::id::{DraftId, GmailId as _};
use kaifu_core::id::{BrowserSecret, MessageId, MessageKey};
use kaifu_core::mail::insertion::Insertion;
use kaifu_core::mail::mode::Mode;
use kaifu_core::mail::pixel::Pixels;
use kaifu_core::outcome::{Known, Signal};
use kaifu_core::time::{Day, Millis};
use std::collections::{BTreeMap, BTreeSet};

const ACCOUNT: u8 = 1;

/// For how long Gmail offers to take an email back, in milliseconds.
const OFFERED_MS: i64 = 30_000;

/// How long a pause is, in milliseconds.
const WAIT_MS: i64 = 180_000;

/// What one tab knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Tab {
    pub(super) by_default: bool,
    pub(super) choices: BTreeMap<usize, Choices>,
    pub(super) forms: BTreeSet<usize>,
    /// What was pressed here before it had an id.
    pub(super) unnamed: Vec<MessageId>,
    /// What left from here, and when.
    pub(super) sent_here: Vec<(usize, Millis)>,
    pub(super) answers: Vec<(usize, Millis)>,
}

/// The record of an email.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) draft: usize,
    pub(super) known: Known,
}

/// What Gmail's server has.
#[derive(Clone, Debug, Default)]
pub(super) struct Mail {
    pub(super) sent: Option<String>,
    /// Whether what left was to be tracked, by the last decision.
    pub(super) wanted: bool,
    /// A send that failed, as the tab made it.
    pub(super) outbox: Option<String>,
    /// The last decision by time.
    pub(super) decided: Option<Choice>,
    /// What was decided at the last press; `None` once it is a draft again.
    pub(super) pressed: Option<Choice>,
}

pub(super) struct World {
    pub(super) now: Millis,
    pub(super) key: MessageKey,
    pub(super) pixels: Pixels,
    pub(super) by_default: bool,
    pub(super) tabs: [Tab; TABS],
    pub(super) choices: BTreeMap<usize, Choices>,
    pub(super) records: BTreeMap<MessageId, Record>,
    pub(super) mails: [Mail; MAILS],
    pub(super) drawn: u8,
}

pub(super) fn draft(mail: usize) -> DraftId {
    DraftId::parse(&format!("msg-a:r{mail}")).unwrap()
}

/// How a mail is tracked, where it is.
pub(super) fn mode(mail: usize) -> Mode {
    [Mode::Image, Mode::Receipt, Mode::Both][mail]
}

pub(super) fn body(mail: usize, labels: &[&str], insertion: Option<&Insertion>) -> String {
    let typed = format!(
        "<div dir=\"ltr\">words{}</div>",
        insertion.map_or_else(String::new, Insertion::html)
    );
    let message = message(draft(mail).as_ref(), labels, &[(0, &typed)]);
    request(&[operation(Place::Update, "thread-a:r1", &message)]).to_string()
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            now: Millis(1_790_000_000_000),
            key: BrowserSecret([7; 32]).message_key(),
            pixels: pixels(ACCOUNT),
            by_default: false,
            tabs: Default::default(),
            choices: BTreeMap::new(),
            records: BTreeMap::new(),
            mails: Default::default(),
            drawn: 0,
        }
    }

    pub(super) fn number(&self, mail: usize) -> MessageId {
        draft(mail).message(&self.key)
    }

    pub(super) fn insertion(&self, message: MessageId, mode: Mode) -> Insertion {
        let sentence = Some("See [here].");
        let until = Day::of(self.now);
        Insertion::new(&self.pixels, None, message, until, mode, sentence)
    }

    /// What the switch shows in `tab`.
    pub(super) fn shown(&self, tab: usize, mail: usize) -> Option<Mode> {
        let tab = &self.tabs[tab];
        let choices = tab.choices.get(&mail).copied().unwrap_or_default();
        let shown = choices.shown(tab.by_default.then(|| mode(mail).into()));
        shown.map(|how| how.mode)
    }

    pub(super) fn act(&mut self, tab: usize, mail: usize, act: Act) {
        self.now = self.now.plus(500);
        match act {
            Act::Sync => self.sync(tab),
            Act::Reload => {
                self.tabs[tab] = Tab::default();
                self.sync(tab);
            }
            Act::Open => {
                if self.mails[mail].sent.is_none() {
                    self.tabs[tab].forms.insert(mail);
                    self.shows_draft(tab, mail, Signal::Form);
                }
            }
            Act::Close => drop(self.tabs[tab].forms.remove(&mail)),
            Act::Toggle if self.tabs[tab].forms.contains(&mail) => self.toggle(tab, mail),
            // A press that follows the default, and was not to be tracked, is told to nobody.
            Act::Default if self.mails.iter().all(|mail| mail.outbox.is_none()) => {
                self.by_default = !self.by_default;
                (0..TABS).for_each(|tab| self.sync(tab));
            }
            Act::Send(way) if self.tabs[tab].forms.contains(&mail) => {
                self.press(tab, mail, way);
            }
            Act::Retry => {
                if let Some(body) = self.mails[mail].outbox.take() {
                    // An image that was put in at the press speaks for itself; what was turned off
                    // does not, so it has been heard of, and so has what undid it.
                    let Mail {
                        decided, pressed, ..
                    } = self.mails[mail];
                    let knows_off = self.tabs[tab].choices.get(&mail);
                    let knows_off = knows_off
                        .and_then(|it| it.chosen)
                        .is_some_and(|it| it.how.is_none());
                    if decided != pressed || pressed.is_none_or(|it| it.how.is_none()) || knows_off
                    {
                        self.sync(tab);
                    }
                    self.request(tab, mail, &body, Way::Answered);
                }
            }
            Act::Undo if self.can_undo(tab, mail) => self.undo(tab, mail),
            Act::Save if self.tabs[tab].forms.contains(&mail) => {
                if self.mails[mail].sent.is_none() {
                    self.save(tab, mail);
                }
            }
            Act::Answer => {
                if let Some((mail, asked_at)) = self.tabs[tab].answers.pop() {
                    self.answered(mail, asked_at);
                }
            }
            Act::Wait => self.now = self.now.plus(WAIT_MS),
            Act::Toggle | Act::Default | Act::Send(_) | Act::Undo | Act::Save => {}
        }
    }

    pub(super) fn can_undo(&self, tab: usize, mail: usize) -> bool {
        let mut sent = self.tabs[tab].sent_here.iter();
        sent.any(|(other, at)| *other == mail && self.now.since(*at) < OFFERED_MS)
    }

    pub(super) fn sync(&mut self, tab: usize) {
        let tab = &mut self.tabs[tab];
        tab.by_default = self.by_default;
        for (mail, choices) in &self.choices {
            tab.choices.entry(*mail).or_default().merge(*choices);
        }
    }

    pub(super) fn toggle(&mut self, tab: usize, mail: usize) {
        // A tab is told of every change at once: what the user sees in it is what holds.
        self.sync(tab);
        let choice = Choice {
            how: Some(mode(mail).into()).filter(|_| self.shown(tab, mail).is_none()),
            at: self.now,
        };
        self.tabs[tab]
            .choices
            .entry(mail)
            .or_default()
            .choose(choice);
        self.choices.entry(mail).or_default().choose(choice);
        self.mails[mail].decided = Some(choice);
    }

    pub(super) fn press(&mut self, tab: usize, mail: usize, way: Way) {
        self.sync(tab);
        // Only a draft of which nobody has heard yet has no id.
        let way = match way {
            Way::Unnamed if self.choices.contains_key(&mail) => Way::Answered,
            way => way,
        };
        let mode = self.shown(tab, mail);
        let choice = Choice {
            how: mode.map(Into::into),
            at: self.now,
        };
        self.mails[mail].decided = Some(choice);
        self.mails[mail].pressed = Some(choice);
        let number = if way == Way::Unnamed {
            self.drawn += 1;
            MessageId([self.drawn; 8])
        } else {
            self.number(mail)
        };
        if way == Way::Unnamed {
            self.tabs[tab].unnamed.push(number);
        } else {
            self.decide(tab, mail, choice);
        }
        if mode.is_some() {
            let named = (way != Way::Unnamed).then_some(mail);
            self.keep(number, named, mail, None);
        }
        let insertion = mode.map(|mode| self.insertion(number, mode));
        self.tabs[tab].forms.remove(&mail);
        let body = body(mail, SEND, insertion.as_ref());
        self.request(tab, mail, &body, way);
    }

    pub(super) fn decide(&mut self, tab: usize, mail: usize, decision: Choice) {
        self.tabs[tab]
            .choices
            .entry(mail)
            .or_default()
            .press(decision);
        self.choices.entry(mail).or_default().press(decision);
    }

    /// The worker keeps what was handed over.
    pub(super) fn keep(
        &mut self,
        number: MessageId,
        named: Option<usize>,
        mail: usize,
        replaces: Option<MessageId>,
    ) {
        let mut before = self.records.get(&number).cloned();
        if let Some(former) = replaces {
            before = before.or(self.records.remove(&former));
        }
        let known = Known::handed(before.map(|it| it.known), self.now, self.now);
        let draft = named.unwrap_or(mail);
        self.records.insert(number, Record { draft, known });
    }
}
