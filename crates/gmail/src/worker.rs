//! Tells the background worker what happens in the page, without waiting for it, until it is kept.
//!
//! Everything is handed over at once, as the page may close at any moment; the worker does it in the
//! order in which it came. What the worker could not keep, as it was stopped or the browser's storage
//! failed, is told again with all that came after it, in the same order: to hear the same again
//! changes nothing.

use kaifu_chrome::{CallError, runtime};
use kaifu_protocol::call::Failure;
use kaifu_protocol::content::ContentRequest;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// The first pause before the worker is told again, and the longest, in milliseconds.
const PAUSE_MS: u32 = 100;
const LONGEST_PAUSE_MS: u32 = 10_000;

/// How much may wait at most: after that the oldest is given up.
const MAX_WAITING: usize = 1_000;

thread_local! {
    static TOLD: Told = const { Told::new() };
}

/// What was told, and is not known to be kept with all that came before it.
struct Told {
    waiting: RefCell<Vec<Waiting>>,
    is_retried: Cell<bool>,
    keeps_nothing: Cell<bool>,
    changed: RefCell<Option<Rc<dyn Fn()>>>,
}

#[derive(Clone)]
struct Waiting {
    call: Rc<ContentRequest>,
    is_kept: Rc<Cell<bool>>,
}

/// How a call ended.
enum End {
    Done,
    /// The worker was not reached.
    Missed,
    /// The browser kept nothing of it.
    Unkept,
}

/// Tells the worker.
pub(crate) fn tell(call: impl Into<ContentRequest>) {
    let waiting = Waiting {
        call: Rc::new(call.into()),
        is_kept: Rc::default(),
    };
    TOLD.with(|told| {
        let mut all = told.waiting.borrow_mut();
        if all.len() == MAX_WAITING {
            all.remove(0);
        }
        all.push(waiting.clone());
    });
    if TOLD.with(|told| told.is_retried.get()) {
        // It would come before what it follows.
        return;
    }
    spawn_local(async move {
        let is_done = hand_over(&waiting).await;
        if !is_done && !TOLD.with(|told| told.is_retried.replace(true)) {
            retry().await;
            TOLD.with(|told| told.is_retried.set(false));
        }
    });
}

/// Whether the browser fails to keep what is told.
pub(crate) fn keeps_nothing() -> bool {
    TOLD.with(|told| told.keeps_nothing.get())
}

/// Has `changed` run when [`keeps_nothing`] changes.
pub(crate) fn on_change(changed: impl Fn() + 'static) {
    TOLD.with(|told| told.changed.replace(Some(Rc::new(changed))));
}

/// Tells everything again that waits, until nothing does or nobody is there any more.
async fn retry() {
    let mut pause = PAUSE_MS;
    while !TOLD.with(|told| told.waiting.borrow().is_empty()) && runtime::is_connected() {
        gloo_timers::future::TimeoutFuture::new(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE_MS);
        let all = TOLD.with(|told| told.waiting.borrow().clone());
        for waiting in all {
            if !hand_over(&waiting).await {
                break;
            }
            pause = PAUSE_MS;
        }
    }
}

async fn hand_over(waiting: &Waiting) -> bool {
    let end = end(&runtime::tell(&*waiting.call).await);
    waiting.is_kept.set(matches!(end, End::Done));
    TOLD.with(|told| told.take(&end));
    waiting.is_kept.get()
}

fn end(answer: &Result<(), CallError>) -> End {
    match answer {
        Err(CallError::Channel(_)) => End::Missed,
        Err(CallError::Refused(Failure::Storage(_) | Failure::Full)) => End::Unkept,
        // What it refuses for any other reason it would refuse again.
        Ok(()) | Err(CallError::Refused(_)) => End::Done,
    }
}

impl Told {
    const fn new() -> Self {
        Self {
            waiting: RefCell::new(Vec::new()),
            is_retried: Cell::new(false),
            keeps_nothing: Cell::new(false),
            changed: RefCell::new(None),
        }
    }

    /// Takes in how a call ended. What needed nothing kept says nothing about the storage: it works
    /// again when everything is kept.
    fn take(&self, end: &End) {
        let mut waiting = self.waiting.borrow_mut();
        while waiting.first().is_some_and(|first| first.is_kept.get()) {
            waiting.remove(0);
        }
        let keeps_nothing = match end {
            End::Unkept => true,
            End::Done => self.keeps_nothing.get() && !waiting.is_empty(),
            End::Missed => self.keeps_nothing.get(),
        };
        drop(waiting);
        let changed = self.changed.borrow().clone();
        if self.keeps_nothing.replace(keeps_nothing) != keeps_nothing
            && let Some(changed) = changed
        {
            changed();
        }
    }
}
