//! What Gmail's requests carry, what became of them, and whether the records agree with the mailbox.

use super::Way;
use super::world::{Record, World, body, mode};
use crate::payload::DRAFT;
use kaifu_core::choice::{Choice, Shown};
use kaifu_core::gmail::{Kind, Outgoing, Pixel, Request, Wish, amend, carried};
use kaifu_core::id::MessageId;
use kaifu_core::mail::mode::Mode;
use kaifu_core::outcome::{Origin, Outcome, Signal, Statement};
use kaifu_core::time::Millis;

impl World {
    /// Gmail makes a request, and the page puts it right.
    pub(super) fn request(&mut self, tab: usize, mail: usize, body: &str, way: Way) {
        let outgoing = Request::parse(body).unwrap().outgoing;
        let (wish, replaces) = self.wish(tab, mail, &outgoing[0]);
        let amended = amend(body, &self.pixels, |_| (wish.clone(), ())).unwrap();
        let tracked = amended.messages[0].pixel != Pixel::Unwanted;
        let on_wire = amended.body.unwrap_or_else(|| body.to_owned());
        if tracked {
            let decision = Choice {
                how: Some(mode(mail).into()),
                at: self.now,
            };
            self.decide(tab, mail, decision);
            let number = self.number(mail);
            self.keep(number, None, mail, replaces);
        } else {
            self.leaves_untracked(tab, mail, replaces);
        }
        self.tabs[tab].sent_here.push((mail, self.now));
        if way == Way::Fails {
            self.mails[mail].outbox = Some(body.to_owned());
            return;
        }
        let decided = self.mails[mail].decided;
        self.mails[mail].wanted = decided.is_some_and(|it| it.how.is_some());
        self.mails[mail].sent = Some(on_wire);
        self.mails[mail].outbox = None;
        if !tracked {
            // Nobody waits for what becomes of it.
        } else if way == Way::Late {
            self.tabs[tab].answers.push((mail, self.now));
        } else {
            self.answered(mail, self.now);
        }
    }

    /// What leaves without an image is told where it was pressed as one with it.
    pub(super) fn leaves_untracked(
        &mut self,
        tab: usize,
        mail: usize,
        replaces: Option<MessageId>,
    ) {
        let number = self.number(mail);
        for tracked in replaces.into_iter().chain([number]) {
            let untracked = Statement {
                since: Millis::default(),
                outcome: Outcome::Untracked,
                signal: Signal::Wire,
                origin: Origin::Sender,
                at: self.now,
            };
            self.take_in(tracked, untracked);
        }
        if self.tabs[tab]
            .choices
            .get(&mail)
            .is_some_and(|it| it.pressed.is_some())
        {
            let decision = Choice {
                how: None,
                at: self.now,
            };
            self.decide(tab, mail, decision);
        }
    }

    pub(super) fn wish(
        &self,
        tab: usize,
        mail: usize,
        outgoing: &Outgoing<'_>,
    ) -> (Wish, Option<MessageId>) {
        assert_eq!(outgoing.kind, Kind::Send);
        let tab_knows = &self.tabs[tab];
        let choices = tab_knows.choices.get(&mail).copied().unwrap_or_default();
        let there = carried(outgoing, &self.pixels);
        let number = self.number(mail);
        let former =
            (there.iter().map(|(message, _)| *message)).find(|it| tab_knows.unnamed.contains(it));
        let is_its = |it: &&(MessageId, Mode)| it.0 == number || Some(it.0) == former;
        let shows = there.iter().filter(is_its).map(|it| it.1).max();
        let form = tab_knows.forms.contains(&mail).then(|| Shown {
            how: self.shown(tab, mail).map(Into::into),
        });
        let wish = match choices.on_wire(form, shows) {
            Some(how) => Wish::Track(self.insertion(number, how.mode)),
            None => Wish::Clean,
        };
        (wish, former)
    }

    pub(super) fn undo(&mut self, tab: usize, mail: usize) {
        self.tabs[tab].sent_here.retain(|(other, _)| *other != mail);
        if self.mails[mail].sent.take().is_none() {
            return;
        }
        self.mails[mail].pressed = None;
        // What was asked for before is over.
        self.tabs[tab].answers.retain(|(other, _)| *other != mail);
        self.tabs[tab].forms.insert(mail);
        self.says(mail, Outcome::Undone, Signal::Wire, Origin::Sender);
        self.save(tab, mail);
    }

    pub(super) fn save(&mut self, tab: usize, mail: usize) {
        let body = body(mail, DRAFT, None);
        let amended = amend(&body, &self.pixels, |_| (Wish::Clean, ())).unwrap();
        assert_eq!(amended.body, None, "a draft never carries an image");
        self.shows_draft(tab, mail, Signal::Wire);
        if self.mails[mail].sent.is_none() {
            self.says(mail, Outcome::Undone, Signal::Wire, Origin::Server);
        }
    }

    /// A page that may be behind shows the email as a draft.
    pub(super) fn shows_draft(&mut self, tab: usize, mail: usize, signal: Signal) {
        let is_sender = |(other, _): &(usize, Millis)| *other == mail;
        let origin = if self.tabs[tab].sent_here.iter().any(is_sender) {
            Origin::Sender
        } else {
            Origin::Other
        };
        self.says(mail, Outcome::Undone, signal, origin);
    }

    pub(super) fn answered(&mut self, mail: usize, asked_at: Millis) {
        let sent = Statement {
            since: Millis::default(),
            outcome: Outcome::Sent,
            signal: Signal::Wire,
            origin: Origin::Server,
            at: asked_at,
        };
        self.take_in(self.number(mail), sent);
    }

    /// A page says now what became of an email.
    pub(super) fn says(&mut self, mail: usize, outcome: Outcome, signal: Signal, origin: Origin) {
        let statement = Statement {
            since: Millis::default(),
            outcome,
            signal,
            origin,
            at: self.now,
        };
        self.take_in(self.number(mail), statement);
    }

    /// The worker takes in a report.
    pub(super) fn take_in(&mut self, number: MessageId, statement: Statement) {
        let Some(record) = self.records.get_mut(&number) else {
            return;
        };
        let Some(outcome) = record.known.after(statement) else {
            return;
        };
        record.known.outcome = Some(outcome);
        record.known.settled_at = self.now;
        if !outcome.left() {
            let mail = record.draft;
            self.choices.entry(mail).or_default().pressed = None;
            for tab in &mut self.tabs {
                tab.choices.entry(mail).or_default().pressed = None;
            }
        }
    }

    pub(super) fn check(&self) {
        for (place, mail) in self.mails.iter().enumerate() {
            let Some(sent) = &mail.sent else {
                self.check_draft(place);
                continue;
            };
            let outgoing = Request::parse(sent).unwrap().outgoing;
            let there = carried(&outgoing[0], &self.pixels);
            let its = |of: &[Mode]| of.iter().map(|mode| (self.number(place), *mode)).collect();
            let expected: Vec<_> = match mode(place) {
                _ if !mail.wanted => Vec::new(),
                Mode::Image | Mode::Both => its(&[Mode::Image, Mode::Both]),
                alone => its(&[alone]),
            };
            assert_eq!(there, expected, "mail {place}");
            let of_mail = |it: &&Record| it.draft == place;
            let records: Vec<_> = self.records.values().filter(of_mail).collect();
            assert!(records.len() <= 1, "mail {place} has {records:?}");
            let outcome = records.first().and_then(|it| it.known.outcome);
            let agrees = match outcome {
                // It was pressed once more, and that did not come through yet.
                _ if mail.outbox.is_some() => true,
                Some(Outcome::Sent) => mail.wanted,
                None => mail.wanted || records.is_empty(),
                // What is kept of it is about a press that is over.
                Some(_) => !mail.wanted,
            };
            assert!(agrees, "mail {place} left, and its record says {outcome:?}");
        }
    }

    /// Nothing that is a draft is said to have left.
    pub(super) fn check_draft(&self, place: usize) {
        let record = self.records.get(&self.number(place));
        let outcome = record.and_then(|record| record.known.outcome);
        assert!(
            outcome != Some(Outcome::Sent),
            "mail {place} is a draft, and its record says {outcome:?}"
        );
    }
}
