//! A random walk over a mailbox that is open in three tabs: every decision is made by the same
//! functions that the extension asks, and the mailbox says what really left.
//!
//! A tab knows what the worker told it last, and what it did itself; the worker does what tabs tell it
//! in the order of each tab. Requests fail, answers come late or never, and tabs are loaded anew.

use crate::payload::{DRAFT, Place, SEND, message, operation, pixels, request};
use kaifu_core::choice::{Choice, Choices};
use kaifu_core::gmail::id::{DraftId, GmailId as _};
use kaifu_core::gmail::{Kind, Outgoing, Pixel, Request, Wish, amend, carried};
use kaifu_core::id::{BrowserSecret, MessageId, MessageKey};
use kaifu_core::mail::insertion::Insertion;
use kaifu_core::mail::pixel::{Pixels, tag};
use kaifu_core::outcome::{Known, Origin, Outcome, Signal, Statement};
use kaifu_core::time::Millis;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const TABS: usize = 3;
const MAILS: usize = 3;
const ACCOUNT: u8 = 1;

/// What the user, Gmail or chance does in one tab with one email.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// The tab hears what the worker knows.
    Sync,
    /// The tab is loaded anew, and forgets all that only it knew.
    Reload,
    /// The email's draft is opened.
    Open,
    /// The form is closed.
    Close,
    /// The switch is used.
    Toggle,
    /// Tracking by default is turned on or off.
    Default,
    /// Send is pressed, and the request leaves from this tab.
    Send(Way),
    /// Gmail's outbox sends from this tab what was pressed in another one, and failed.
    Retry,
    /// The user takes back what this tab sent, while Gmail offers it.
    Undo,
    /// The draft that is open here saves itself.
    Save,
    /// An answer that was held back arrives.
    Answer,
}

/// How a send goes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// It is answered at once.
    Answered,
    /// It is done, and the answer comes later, or never.
    Late,
    /// It fails, and Gmail tries again.
    Fails,
    /// The draft has no id in the form when Send is pressed.
    Unnamed,
}

/// What one tab knows.
#[derive(Clone, Debug, Default)]
struct Tab {
    by_default: bool,
    choices: BTreeMap<usize, Choices>,
    forms: BTreeSet<usize>,
    /// What was pressed here before it had an id.
    unnamed: Vec<MessageId>,
    sent_here: Vec<usize>,
    answers: Vec<(usize, Millis)>,
}

/// The record of an email.
#[derive(Clone, Debug)]
struct Record {
    draft: usize,
    known: Known,
}

/// What Gmail's server has.
#[derive(Clone, Debug, Default)]
struct Mail {
    sent: Option<String>,
    /// Whether what left was to be tracked, by the last decision.
    wanted: bool,
    /// A send that failed, as the tab made it.
    outbox: Option<String>,
    /// The last decision by time.
    decided: Option<Choice>,
    /// What was decided at the last press; `None` once it is a draft again.
    pressed: Option<Choice>,
}

struct World {
    now: Millis,
    key: MessageKey,
    pixels: Pixels,
    by_default: bool,
    tabs: [Tab; TABS],
    choices: BTreeMap<usize, Choices>,
    records: BTreeMap<MessageId, Record>,
    mails: [Mail; MAILS],
    drawn: u8,
}

fn draft(mail: usize) -> DraftId {
    DraftId::parse(&format!("msg-a:r{mail}")).unwrap()
}

fn body(mail: usize, labels: &[&str], image: Option<&str>) -> String {
    let typed = format!(
        "<div dir=\"ltr\">words{}</div>",
        image.map_or_else(String::new, tag)
    );
    let message = message(draft(mail).as_ref(), labels, &[(0, &typed)]);
    request(&[operation(Place::Update, "thread-a:r1", &message)]).to_string()
}

impl World {
    fn new() -> Self {
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

    fn number(&self, mail: usize) -> MessageId {
        draft(mail).message(&self.key)
    }

    fn url(&self, message: MessageId) -> String {
        Insertion::new(&self.pixels, message, self.now).image
    }

    /// What the switch shows in `tab`.
    fn shown(&self, tab: usize, mail: usize) -> bool {
        let tab = &self.tabs[tab];
        let choices = tab.choices.get(&mail).copied().unwrap_or_default();
        choices.shown(tab.by_default)
    }

    fn act(&mut self, tab: usize, mail: usize, act: Act) {
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
                    // does not, so it has been heard of.
                    let Mail {
                        decided, pressed, ..
                    } = self.mails[mail];
                    if decided != pressed || !pressed.is_some_and(|it| it.track) {
                        self.sync(tab);
                    }
                    self.request(tab, mail, &body, Way::Answered);
                }
            }
            Act::Undo if self.tabs[tab].sent_here.contains(&mail) => self.undo(tab, mail),
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
            Act::Toggle | Act::Default | Act::Send(_) | Act::Undo | Act::Save => {}
        }
    }

    fn sync(&mut self, tab: usize) {
        let tab = &mut self.tabs[tab];
        tab.by_default = self.by_default;
        for (mail, choices) in &self.choices {
            tab.choices.entry(*mail).or_default().merge(*choices);
        }
    }

    fn toggle(&mut self, tab: usize, mail: usize) {
        // A tab is told of every change at once: what the user sees in it is what holds.
        self.sync(tab);
        let choice = Choice {
            track: !self.shown(tab, mail),
            at: self.now,
        };
        self.tabs[tab]
            .choices
            .entry(mail)
            .or_default()
            .choose(choice);
        self.choices.entry(mail).or_default().choose(choice);
        if self.mails[mail].pressed.is_some() {
            self.mails[mail].decided = Some(choice);
        }
    }

    fn press(&mut self, tab: usize, mail: usize, way: Way) {
        self.sync(tab);
        // Only a draft of which nobody has heard yet has no id.
        let way = match way {
            Way::Unnamed if self.choices.contains_key(&mail) => Way::Answered,
            way => way,
        };
        let track = self.shown(tab, mail);
        let choice = Choice {
            track,
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
        if track {
            let named = (way != Way::Unnamed).then_some(mail);
            self.keep(number, named, mail, None);
        }
        let image = track.then(|| self.url(number));
        self.tabs[tab].forms.remove(&mail);
        let body = body(mail, SEND, image.as_deref());
        self.request(tab, mail, &body, way);
    }

    fn decide(&mut self, tab: usize, mail: usize, decision: Choice) {
        self.tabs[tab]
            .choices
            .entry(mail)
            .or_default()
            .press(decision);
        self.choices.entry(mail).or_default().press(decision);
    }

    /// The worker keeps what was handed over.
    fn keep(
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

    /// Gmail makes a request, and the page puts it right.
    fn request(&mut self, tab: usize, mail: usize, body: &str, way: Way) {
        let outgoing = Request::parse(body).unwrap().outgoing;
        let (wish, replaces) = self.wish(tab, mail, &outgoing[0]);
        let amended = amend(body, &self.pixels, |_| (wish.clone(), ())).unwrap();
        let tracked = amended.messages[0].pixel != Pixel::Unwanted;
        let on_wire = amended.body.unwrap_or_else(|| body.to_owned());
        if tracked {
            let decision = Choice {
                track: true,
                at: self.now,
            };
            self.decide(tab, mail, decision);
            let number = self.number(mail);
            self.keep(number, None, mail, replaces);
        }
        self.tabs[tab].sent_here.push(mail);
        if way == Way::Fails {
            self.mails[mail].outbox = Some(body.to_owned());
            return;
        }
        let decided = self.mails[mail].decided;
        self.mails[mail].wanted = decided.is_some_and(|it| it.track);
        self.mails[mail].sent = Some(on_wire);
        self.mails[mail].outbox = None;
        // Gmail's other pages close what has left.
        if way == Way::Late {
            self.tabs[tab].answers.push((mail, self.now));
        } else {
            self.answered(mail, self.now);
        }
    }

    fn wish(&self, tab: usize, mail: usize, outgoing: &Outgoing<'_>) -> (Wish, Option<MessageId>) {
        assert_eq!(outgoing.kind, Kind::Send);
        let tab_knows = &self.tabs[tab];
        let mut choices = tab_knows.choices.get(&mail).copied().unwrap_or_default();
        let there = carried(outgoing, &self.pixels);
        let is_its_own = there.contains(&self.number(mail));
        let former = there.into_iter().find(|it| tab_knows.unnamed.contains(it));
        if former.is_some() || (is_its_own && !choices.pressed.is_some_and(|it| it.track)) {
            choices.press(Choice {
                track: true,
                at: self.now,
            });
        }
        let form = tab_knows
            .forms
            .contains(&mail)
            .then(|| self.shown(tab, mail));
        let wish = if choices.on_wire(form) {
            Wish::Track(Insertion::new(&self.pixels, self.number(mail), self.now))
        } else {
            Wish::Clean
        };
        (wish, former)
    }

    fn undo(&mut self, tab: usize, mail: usize) {
        self.tabs[tab].sent_here.retain(|other| *other != mail);
        if self.mails[mail].sent.take().is_none() {
            return;
        }
        self.mails[mail].pressed = None;
        // What was asked for before is over.
        self.tabs[tab].answers.retain(|(other, _)| *other != mail);
        self.tabs[tab].forms.insert(mail);
        self.says(
            mail,
            Outcome::Undone,
            Signal::Wire,
            Origin::Sender,
            self.now,
        );
        self.save(tab, mail);
    }

    fn save(&mut self, tab: usize, mail: usize) {
        let body = body(mail, DRAFT, None);
        let amended = amend(&body, &self.pixels, |_| (Wish::Clean, ())).unwrap();
        assert_eq!(amended.body, None, "a draft never carries an image");
        self.shows_draft(tab, mail, Signal::Wire);
    }

    /// A page that may be behind shows the email as a draft.
    fn shows_draft(&mut self, tab: usize, mail: usize, signal: Signal) {
        let origin = if self.tabs[tab].sent_here.contains(&mail) {
            Origin::Sender
        } else {
            Origin::Other
        };
        if origin == Origin::Other {
            self.says(mail, Outcome::Undone, signal, origin, self.now);
        }
    }

    fn answered(&mut self, mail: usize, asked_at: Millis) {
        self.says(mail, Outcome::Sent, Signal::Wire, Origin::Server, asked_at);
    }

    /// The worker takes in a report.
    fn says(&mut self, mail: usize, outcome: Outcome, signal: Signal, origin: Origin, at: Millis) {
        let (number, now) = (self.number(mail), self.now);
        let statement = Statement {
            outcome,
            signal,
            origin,
            at,
        };
        if let Some(record) = self.records.get_mut(&number)
            && let Some(outcome) = record.known.after(statement)
        {
            record.known.outcome = Some(outcome);
            record.known.settled_at = now;
            if !outcome.left() {
                let choices = self.choices.entry(mail).or_default();
                choices.pressed = None;
                for tab in &mut self.tabs {
                    tab.choices.entry(mail).or_default().pressed = None;
                }
            }
        }
    }

    fn check(&self) {
        for (place, mail) in self.mails.iter().enumerate() {
            let Some(sent) = &mail.sent else {
                self.check_draft(place);
                continue;
            };
            let outgoing = Request::parse(sent).unwrap().outgoing;
            let there = carried(&outgoing[0], &self.pixels);
            let expected: &[MessageId] = &[self.number(place)];
            assert_eq!(there, expected[..usize::from(mail.wanted)], "mail {place}");
            let of_mail = |it: &&Record| it.draft == place;
            let records: Vec<_> = self.records.values().filter(of_mail).collect();
            assert!(records.len() <= 1, "mail {place} has {records:?}");
            if mail.wanted {
                let outcome = records[0].known.outcome;
                let left = outcome.is_none_or(Outcome::left);
                assert!(left, "mail {place} left, and its record says {outcome:?}");
            }
        }
    }

    /// Nothing that is a draft is said to have left.
    fn check_draft(&self, place: usize) {
        let record = self.records.get(&self.number(place));
        let outcome = record.and_then(|record| record.known.outcome);
        assert!(
            outcome != Some(Outcome::Sent),
            "mail {place} is a draft, and its record says {outcome:?}"
        );
    }
}

fn acts() -> impl Strategy<Value = Act> {
    let ways = prop::sample::select(vec![
        Way::Answered,
        Way::Answered,
        Way::Late,
        Way::Fails,
        Way::Unnamed,
    ]);
    prop_oneof![
        3 => Just(Act::Sync),
        1 => Just(Act::Reload),
        4 => Just(Act::Open),
        1 => Just(Act::Close),
        3 => Just(Act::Toggle),
        1 => Just(Act::Default),
        4 => ways.prop_map(Act::Send),
        2 => Just(Act::Retry),
        2 => Just(Act::Undo),
        2 => Just(Act::Save),
        2 => Just(Act::Answer),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// Walks of some ten thousand steps in all; what fails is shortened, and its seed is kept.
    #[test]
    fn no_walk_over_three_tabs_breaks_a_promise(
        steps in prop::collection::vec((0..TABS, 0..MAILS, acts()), 1..200),
    ) {
        let mut world = World::new();
        for (tab, mail, act) in steps {
            world.act(tab, mail, act);
            world.check();
        }
    }
}
