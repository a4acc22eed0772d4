//! What is known about the conversations that the page shows, and showing it.

use crate::app::App;
use crate::arrivals::Arrivals;
use crate::dom::{attribute, page};
use crate::selectors::{CONVERSATION_ID, ROW_ID};
use crate::{conversation, mark, rows};
use gloo_timers::future::TimeoutFuture;
use kaifu_chrome::runtime;
use kaifu_core::sync::id;
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

/// The conversations that the page has shown lately, and what is known about them.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    /// In the order of their ids.
    threads: RefCell<Vec<Thread>>,
    asking: Cell<bool>,
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

impl Marks {
    /// Shows what is known about what has arrived, and asks about the rest.
    pub(crate) fn arrived(&self, app: &Rc<App>, arrivals: Arrivals) {
        for node in arrivals.rows {
            // What Gmail adds brings no mark, unless it was put beside one of another conversation.
            let is_beside = node
                .previous_element_sibling()
                .is_some_and(|it| mark::is(&it));
            self.found(node, is_beside);
        }
        let mut nodes = arrivals.renamed;
        for node in arrivals.conversations {
            if let Some(header) = conversation::header(&node)
                && !nodes.contains(&header)
            {
                nodes.push(header);
            }
        }
        for node in nodes {
            self.found(node, true);
        }
        self.ask(app);
    }

    /// Asks again about everything that the page shows, as the worker knows more than before.
    pub(crate) fn refresh(&self, app: &Rc<App>) {
        self.generation.set(self.generation.get().wrapping_add(1));
        let page = page();
        let nodes = ROW_ID.find_all(&page).into_iter();
        for node in nodes.chain(CONVERSATION_ID.find_all(&page)) {
            if let Some(id) = thread(&node) {
                self.with(id, |thread| thread.waiting.push(node));
            }
        }
        self.threads
            .borrow_mut()
            .retain(|thread| !thread.waiting.is_empty());
        self.ask(app);
    }

    /// `may_be_stale` says that there may be a mark of another conversation, which is not to be
    /// said of this one.
    fn found(&self, node: Element, may_be_stale: bool) {
        let Some(id) = thread(&node) else { return };
        self.with(id, |thread| {
            let marks = thread.marks.as_deref().unwrap_or_default();
            if may_be_stale || !marks.is_empty() {
                self.show(&node, marks);
            }
            if thread.marks.is_none() || !thread.waiting.is_empty() {
                thread.waiting.push(node);
            }
        });
    }

    /// Does something with the conversation `id`, new or not.
    fn with(&self, id: String, act: impl FnOnce(&mut Thread)) {
        let mut threads = self.threads.borrow_mut();
        let place = match threads.binary_search_by(|thread| thread.id.cmp(&id)) {
            Ok(place) => place,
            Err(place) => {
                threads.insert(
                    place,
                    Thread {
                        id,
                        marks: None,
                        waiting: Vec::new(),
                    },
                );
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
        if node.has_attribute("data-thread-id") {
            rows::show(node, mark::strongest(marks));
        } else {
            conversation::show(node, marks);
        }
    }

    /// The conversations to ask about next.
    fn open(&self) -> Vec<String> {
        let threads = self.threads.borrow();
        let open = threads.iter().filter(|thread| !thread.waiting.is_empty());
        open.take(MOST).map(|thread| thread.id.clone()).collect()
    }

    /// Asks about what waits, unless that is going on already.
    fn ask(&self, app: &Rc<App>) {
        if self.asking.get() || self.open().is_empty() {
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
            self.with(id, |thread| {
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
            threads.retain(|thread| !thread.waiting.is_empty());
        }
    }
}

/// Gmail's sync id of the conversation that `node` names.
fn thread(node: &Element) -> Option<String> {
    let named =
        attribute(node, "data-thread-id").or_else(|| attribute(node, "data-thread-perm-id"))?;
    id::thread(&named).map(str::to_owned)
}
