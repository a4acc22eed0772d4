//! Questions that are under way: each has a deadline, and ends when it is no longer wanted.

use crate::agreement;
use crate::backend::pace;
use crate::backend::refusal::BackendError;
use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use kaifu_core::backend::BackendUrl;
use std::cell::{Cell, RefCell};
use web_sys::{AbortController, AbortSignal};

/// How much longer than it was told to wait a server may take.
const GRACE_SECS: u32 = 15;

struct UnderWay {
    number: u64,
    backend: BackendUrl,
    controller: Option<AbortController>,
}

thread_local! {
    static UNDER_WAY: RefCell<Vec<UnderWay>> = const { RefCell::new(Vec::new()) };
    static NUMBERS: Cell<u64> = const { Cell::new(0) };
}

/// A question to a server, until it is dropped.
#[derive(Debug)]
pub(crate) struct Question {
    number: u64,
    controller: Option<AbortController>,
    _deadline: Option<Timeout>,
}

impl Question {
    /// Begins a question to `backend`, which may wait `wait_secs` before it answers. Nobody asks more
    /// often than is allowed, so this may take a moment.
    ///
    /// # Errors
    ///
    /// When the user has not agreed to anything, the secrets in it would cross the internet unencrypted,
    /// or it was ended before it began.
    pub(crate) async fn begin(backend: &BackendUrl, wait_secs: u32) -> Result<Self, BackendError> {
        // Where that cannot be read, nobody knows it.
        if !agreement::is_given().await.unwrap_or(false) {
            return Err(BackendError::NotAgreed);
        }
        if !backend.may_carry_secrets() {
            return Err(BackendError::Insecure);
        }
        let controller = AbortController::new().ok();
        let number = NUMBERS.replace(NUMBERS.get() + 1);
        UNDER_WAY.with_borrow_mut(|all| {
            all.push(UnderWay {
                number,
                backend: backend.clone(),
                controller: controller.clone(),
            });
        });
        let pause_ms = pace::take_place();
        let limit_ms = pause_ms + (wait_secs + GRACE_SECS) * 1_000;
        let question = Self {
            number,
            controller: controller.clone(),
            _deadline: controller
                .map(|controller| Timeout::new(limit_ms, move || controller.abort())),
        };
        if pause_ms > 0 {
            TimeoutFuture::new(pause_ms).await;
            question.unless_ended()?;
        }
        Ok(question)
    }

    /// What ends it.
    pub(crate) fn signal(&self) -> Option<AbortSignal> {
        self.controller.as_ref().map(AbortController::signal)
    }

    /// # Errors
    ///
    /// When the question is no longer wanted.
    pub(crate) fn unless_ended(&self) -> Result<(), BackendError> {
        let is_wanted = |all: &Vec<UnderWay>| all.iter().any(|it| it.number == self.number);
        if UNDER_WAY.with_borrow(is_wanted) {
            Ok(())
        } else {
            Err(BackendError::Ended)
        }
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        UNDER_WAY.with_borrow_mut(|all| all.retain(|it| it.number != self.number));
    }
}

/// Ends the questions to `backend`: what they ask is no longer wanted.
pub(crate) fn end(backend: &BackendUrl) {
    let ended: Vec<UnderWay> =
        UNDER_WAY.with_borrow_mut(|all| all.extract_if(.., |it| it.backend == *backend).collect());
    for controller in ended.into_iter().filter_map(|it| it.controller) {
        controller.abort();
    }
}
