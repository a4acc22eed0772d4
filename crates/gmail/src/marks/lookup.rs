//! What is known about the conversations that the page shows, and showing it.

use crate::app::App;
use crate::marks::rows::Lists;
use crate::marks::{mark, rows, thread as conversation};
use crate::page::changes::Arrivals;
use crate::page::dom::{Scope, attribute, page};
use crate::page::selectors::{CONVERSATION_ID, ROW_ID};
use gloo_timers::future::TimeoutFuture;
use js_sys::Date;
use kaifu_chrome::runtime;
use kaifu_core::gmail::id;
use kaifu_protocol::content::{LookUp, Mark};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::Element;

/// How many conversations the worker is asked about at once.
const MOST: usize = 500;

/// How many answers are kept, at most.
const MOST_KEPT: usize = 2_000;

/// What arrives within one frame is asked about together, in milliseconds.
const FRAME_MS: u32 = 16;

/// While more keeps arriving, as in a list that is scrolled, a call stands for what arrived in this
/// many milliseconds: each call costs the page more than all the rows in it.
const PAUSE_MS: u32 = 250;

/// Known lists are read again once they have been at rest for this many milliseconds,
const REST_MS: u32 = 50;

/// or this many milliseconds after they were read last: rows that run through faster than anybody
/// could read them are not worth a look. The first change after so long is read at once.
const LONGEST_MS: f64 = 500.0;

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
    read_at: Cell<f64>,
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
    id: String,
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

impl Marks {
    /// Shows what is known about what has arrived, and asks about the rest.
    pub(crate) fn arrived(&self, app: &Rc<App>, arrivals: Arrivals) {
        if arrivals.in_lists {
            self.list_changed(app);
        }
        if arrivals.rows.is_empty() && arrivals.conversations.is_empty() {
            return;
        }
        self.read(arrivals.rows);
        let mut headers = Vec::new();
        for node in arrivals.conversations {
            if let Some(header) = conversation::header(&node)
                && !headers.contains(&header)
            {
                headers.push(header);
            }
        }
        for header in headers {
            if let Some(id) = thread(&header) {
                self.found(&id, header, true);
            }
        }
        self.ask(app);
    }

    /// Reads what has changed in known lists, at once or as soon as they come to rest.
    fn list_changed(&self, app: &Rc<App>) {
        self.changed.set(true);
        if self.reading.replace(true) {
            return;
        }
        if self.is_due() {
            return self.read_lists(app);
        }
        let app = app.clone();
        spawn_local(async move {
            let marks = &app.marks;
            while marks.changed.replace(false) && !marks.is_due() {
                TimeoutFuture::new(REST_MS).await;
            }
            marks.read_lists(&app);
        });
    }

    fn is_due(&self) -> bool {
        Date::now() - self.read_at.get() >= LONGEST_MS
    }

    fn read_lists(&self, app: &Rc<App>) {
        self.reading.set(false);
        self.read_at.set(Date::now());
        let (rows, new) = self.lists.take_changed();
        self.read(rows.into_iter().filter(|row| row.is_connected()));
        // What is new in a list may be anything.
        app.look_at(&new);
        self.ask(app);
    }

    /// Shows what is known about rows, and remembers which ones wait for an answer.
    fn read(&self, rows: impl IntoIterator<Item = Scope>) {
        for row in rows {
            // What Gmail fills a row with brings no mark, but it may be put beside the mark of
            // another conversation.
            if let Some(content) = self.lists.read(&row)
                && let Some(id) = id::conversation(&content.named)
            {
                self.found(id, content.node, content.is_marked);
            }
        }
    }

    /// Asks again about everything that the page shows, as the worker knows more than before.
    pub(crate) fn refresh(&self, app: &Rc<App>) {
        self.generation.set(self.generation.get().wrapping_add(1));
        let page = page();
        let nodes = ROW_ID.find_all(&page).into_iter();
        for node in nodes.chain(CONVERSATION_ID.find_all(&page)) {
            if let Some(id) = thread(&node) {
                self.with(&id, |thread| thread.waiting.push(node));
            }
        }
        self.threads.borrow_mut().retain(|thread| thread.is_open());
        self.ask(app);
    }

    /// `may_be_stale` says that there may be a mark of another conversation, which is not to be
    /// said of this one.
    fn found(&self, id: &str, node: Element, may_be_stale: bool) {
        self.with(id, |thread| {
            let marks = thread.marks.as_deref().unwrap_or_default();
            if may_be_stale || !marks.is_empty() {
                self.show(&node, marks);
            }
            if thread.marks.is_none() || thread.is_open() {
                thread.waiting.push(node);
            }
        });
    }

    /// Does something with the conversation `id`, new or not.
    fn with(&self, id: &str, act: impl FnOnce(&mut Thread)) {
        let mut threads = self.threads.borrow_mut();
        let place = match threads.binary_search_by(|thread| thread.id.as_str().cmp(id)) {
            Ok(place) => place,
            Err(place) => {
                let thread = Thread {
                    id: id.to_owned(),
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
            conversation::show(node, marks);
        }
    }

    /// The conversations to ask about next.
    fn open(&self) -> Vec<String> {
        let threads = self.threads.borrow();
        let open = threads.iter().filter(|thread| thread.is_open());
        open.take(MOST).map(|thread| thread.id.clone()).collect()
    }

    /// Asks about what waits, unless that is going on already.
    fn ask(&self, app: &Rc<App>) {
        if self.asking.get() || !self.threads.borrow().iter().any(|it| it.is_open()) {
            return;
        }
        self.asking.set(true);
        let app = app.clone();
        spawn_local(async move {
            let marks = &app.marks;
            let mut pause = FRAME_MS;
            loop {
                TimeoutFuture::new(pause).await;
                pause = PAUSE_MS;
                let generation = marks.generation.get();
                let threads = marks.open();
                if threads.is_empty() {
                    break;
                }
                let call = LookUp {
                    threads: threads.clone(),
                };
                let Ok(answer) = runtime::call(call).await else {
                    // The worker's next session brings everything up again.
                    marks.threads.borrow_mut().clear();
                    break;
                };
                if generation == marks.generation.get() {
                    marks.learn(threads, &answer.marks);
                }
            }
            marks.asking.set(false);
        });
    }

    fn learn(&self, threads: Vec<String>, answer: &[Mark]) {
        for id in threads {
            let of_thread = answer.iter().filter(|mark| mark.thread == id);
            let marks: Vec<Mark> = of_thread.cloned().collect();
            self.with(&id, |thread| {
                let before = thread.marks.as_deref().unwrap_or_default();
                let nodes = std::mem::take(&mut thread.waiting);
                if before != marks {
                    for node in nodes {
                        // Meanwhile Gmail may have filled the row again for another conversation.
                        if node.is_connected() && self::thread(&node).as_ref() == Some(&thread.id) {
                            self.show(&node, &marks);
                        }
                    }
                }
                thread.marks = Some(marks);
            });
        }
        let mut threads = self.threads.borrow_mut();
        if threads.len() > MOST_KEPT {
            threads.retain(|thread| thread.is_open());
        }
    }
}

/// What `node` calls a conversation.
pub(crate) fn named(node: &Element) -> Option<String> {
    [
        "data-thread-id",
        "data-thread-perm-id",
        "data-legacy-thread-id",
    ]
    .iter()
    .find_map(|name| attribute(node, name))
}

/// The id of the conversation that `node` names.
fn thread(node: &Element) -> Option<String> {
    id::conversation(&named(node)?).map(str::to_owned)
}
