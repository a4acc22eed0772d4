//! What is known about the conversations that the page shows, and showing it.

use crate::marks::{mark, rows, thread};
use crate::page::changes::PageChanges;
use crate::page::dom::{Scope, page};
use crate::page::lists::Lists;
use crate::page::names::conversation_id;
use crate::page::selectors::{CONVERSATION_ID, ROW_ID};
use gloo_timers::future::TimeoutFuture;
use kaifu_chrome::{clock, runtime};
use kaifu_core::gmail::id::{ConversationId, GmailId as _};
use kaifu_core::time::Millis;
use kaifu_protocol::content::{LookUp, Mark};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::Element;

/// How many conversations the worker is asked about at once.
const MAX_ASKED: usize = 500;

/// How many answers are kept, at most.
const MAX_KEPT: usize = 2_000;

/// What arrives within one frame is asked about together, in milliseconds.
const FRAME_MS: u32 = 16;

/// While more keeps arriving, as in a list that is scrolled, a call stands for what arrived in this
/// many milliseconds: each call costs the page more than all the rows in it.
const PAUSE_MS: u32 = 250;

/// Known lists are read again once they have been at rest for this many milliseconds,
const REST_MS: u32 = 50;

/// or this many milliseconds after they were read last: rows that run through faster than anybody
/// could read them are not worth a look. The first change after so long is read at once.
const MAX_WAIT_MS: i64 = 500;

/// The conversations that the page has shown lately, and what is known about them.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    pub(crate) lists: Lists,
    /// In the order of their ids.
    #[expect(
        clippy::vec_box,
        reason = "one that comes in moves half of the others along"
    )]
    threads: RefCell<Vec<Box<Thread>>>,
    asking: Cell<bool>,
    /// When known lists were read last.
    read_at: Cell<Millis>,
    /// Whether they will be read soon.
    reading: Cell<bool>,
    /// Whether they have changed since that was last asked.
    changed: Cell<bool>,
    /// Whether there has ever been a mark in the page.
    any: Cell<bool>,
    /// Counts the changes of what the worker knows.
    generation: Cell<u32>,
}

#[derive(Debug)]
struct Thread {
    id: ConversationId,
    /// What the worker answered last.
    marks: Option<Vec<Mark>>,
    /// The nodes that wait for an answer.
    waiting: Vec<Element>,
}

impl Thread {
    /// Whether the worker is to be asked about it.
    fn is_open(&self) -> bool {
        !self.waiting.is_empty()
    }
}

/// When known lists that have changed are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// At once.
    Now,
    /// When [`Marks::rest`] is over.
    AtRest,
    /// That was said already, for an earlier change.
    Expected,
}

/// What may stand where a conversation is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Perhaps a mark of another conversation, which is not to be said of this one.
    MayBeMarked,
    /// No mark.
    Bare,
}

impl Marks {
    /// Shows what is known about what has come into the page, and asks about the rest.
    pub(crate) fn read_changes(self: &Rc<Self>, changes: PageChanges) {
        if changes.rows.is_empty() && changes.conversations.is_empty() {
            return;
        }
        self.read(changes.rows);
        let mut headers = Vec::new();
        for node in changes.conversations {
            if let Some(header) = thread::header(&node)
                && !headers.contains(&header)
            {
                headers.push(header);
            }
        }
        for header in headers {
            if let Some(id) = conversation_id(&header) {
                self.found(&id, header, Place::MayBeMarked);
            }
        }
        self.ask();
    }

    /// Something has changed in known lists. Returns when they are to be read.
    ///
    /// Gmail fills a list row by row and moves rows while they scroll by, so a list that is read at
    /// each change is read hundreds of times for one look of the user's. But a list that waits to
    /// come to rest stays without marks for as long as it runs. So the first change after a while is
    /// read at once, as nothing else may follow it; those after it start one wait, which `reading`
    /// stands for, and which ends with the first pause (no `changed` since it was last asked) or
    /// when the last reading (`read_at`) is too long ago.
    pub(crate) fn list_changed(&self) -> Reading {
        self.changed.set(true);
        if self.reading.replace(true) {
            Reading::Expected
        } else if self.is_due() {
            Reading::Now
        } else {
            Reading::AtRest
        }
    }

    /// Waits until known lists have come to rest, or have been running for long.
    pub(crate) async fn rest(&self) {
        while self.changed.replace(false) && !self.is_due() {
            TimeoutFuture::new(REST_MS).await;
        }
    }

    fn is_due(&self) -> bool {
        clock::now().since(self.read_at.get()) >= MAX_WAIT_MS
    }

    /// Reads what has changed in known lists. Returns what is new in them, which may be anything.
    pub(crate) fn read_lists(self: &Rc<Self>) -> Vec<Scope> {
        self.reading.set(false);
        self.read_at.set(clock::now());
        let (rows, new) = self.lists.take_changed();
        self.read(rows.into_iter().filter(|row| row.is_connected()));
        self.ask();
        new
    }

    /// Shows what is known about rows, and remembers which ones wait for an answer.
    fn read(&self, rows: impl IntoIterator<Item = Scope>) {
        for row in rows {
            if let Some(content) = self.lists.read(&row)
                && let Some(id) = ConversationId::parse(&content.named)
            {
                // What Gmail fills a row with brings no mark, but it may be put beside the mark of
                // another conversation.
                let place = if content.is_marked {
                    Place::MayBeMarked
                } else {
                    Place::Bare
                };
                self.found(&id, content.node, place);
            }
        }
    }

    /// Asks again about everything that the page shows, as the worker knows more than before.
    pub(crate) fn refresh(self: &Rc<Self>) {
        self.generation.set(self.generation.get().wrapping_add(1));
        let page = page();
        let nodes = ROW_ID.find_all(&page).into_iter();
        for node in nodes.chain(CONVERSATION_ID.find_all(&page)) {
            if let Some(id) = conversation_id(&node) {
                self.with(&id, |thread| thread.waiting.push(node));
            }
        }
        self.threads.borrow_mut().retain(|thread| thread.is_open());
        self.ask();
    }

    /// The page names the conversation `id` at `node`.
    fn found(&self, id: &ConversationId, node: Element, place: Place) {
        self.with(id, |thread| {
            let marks = thread.marks.as_deref().unwrap_or_default();
            if place == Place::MayBeMarked || !marks.is_empty() {
                self.show(&node, marks);
            }
            if thread.marks.is_none() || thread.is_open() {
                thread.waiting.push(node);
            }
        });
    }

    /// Does something with the conversation `id`, new or not.
    fn with(&self, id: &ConversationId, act: impl FnOnce(&mut Thread)) {
        let mut threads = self.threads.borrow_mut();
        let place = match threads.binary_search_by(|thread| thread.id.cmp(id)) {
            Ok(place) => place,
            Err(place) => {
                let thread = Thread {
                    id: id.clone(),
                    marks: None,
                    waiting: Vec::new(),
                };
                threads.insert(place, Box::new(thread));
                place
            }
        };
        act(&mut threads[place]);
    }

    fn show(&self, node: &Element, marks: &[Mark]) {
        if marks.is_empty() && !self.any.get() {
            return;
        }
        self.any.set(true);
        if ROW_ID.is(node) {
            rows::show(node, mark::strongest(marks));
        } else {
            thread::show(node, marks);
        }
    }

    /// The conversations to ask about next.
    fn open(&self) -> Vec<ConversationId> {
        let threads = self.threads.borrow();
        let open = threads.iter().filter(|thread| thread.is_open());
        open.take(MAX_ASKED)
            .map(|thread| thread.id.clone())
            .collect()
    }

    /// Asks about what waits, unless that is going on already.
    fn ask(self: &Rc<Self>) {
        if self.asking.get() || !self.threads.borrow().iter().any(|it| it.is_open()) {
            return;
        }
        self.asking.set(true);
        let marks = self.clone();
        spawn_local(async move {
            marks.ask_for_all().await;
            marks.asking.set(false);
        });
    }

    async fn ask_for_all(&self) {
        let mut pause = FRAME_MS;
        loop {
            TimeoutFuture::new(pause).await;
            pause = PAUSE_MS;
            let generation = self.generation.get();
            let threads = self.open();
            if threads.is_empty() {
                return;
            }
            let call = LookUp {
                threads: threads.clone(),
            };
            let Ok(answer) = runtime::call(call).await else {
                // The worker's next session brings everything up again.
                self.threads.borrow_mut().clear();
                return;
            };
            if generation == self.generation.get() {
                self.learn(threads, &answer.marks);
            }
        }
    }

    fn learn(&self, threads: Vec<ConversationId>, answer: &[Mark]) {
        for id in threads {
            let of_thread = answer.iter().filter(|mark| mark.thread == id);
            let marks: Vec<Mark> = of_thread.cloned().collect();
            self.with(&id, |thread| self.update(thread, marks));
        }
        let mut threads = self.threads.borrow_mut();
        if threads.len() > MAX_KEPT {
            threads.retain(|thread| thread.is_open());
        }
    }

    fn update(&self, thread: &mut Thread, marks: Vec<Mark>) {
        let nodes = std::mem::take(&mut thread.waiting);
        if thread.marks.as_deref().unwrap_or_default() != marks {
            for node in nodes {
                // Meanwhile Gmail may have filled the row again for another conversation.
                if node.is_connected() && conversation_id(&node).as_ref() == Some(&thread.id) {
                    self.show(&node, &marks);
                }
            }
        }
        thread.marks = Some(marks);
    }
}
