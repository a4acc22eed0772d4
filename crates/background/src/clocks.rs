//! By how much the browser's clock was set, as far as a steady clock tells.
//!
//! The steady clock begins anew with the worker, and stands still while the computer sleeps: what it
//! says holds only within one life of the worker, and only where the servers' answers bear it out.

use kaifu_chrome::clock::{now, steady};
use std::cell::RefCell;

thread_local! {
    /// What the clock was ahead of the steady one when each account was last heard of.
    static OFFSETS: RefCell<Vec<(String, i64)>> = const { RefCell::new(Vec::new()) };
}

fn offset() -> i64 {
    now().since(steady())
}

/// By how many milliseconds the clock was set since the server of `account` was heard; `None` where it
/// was not heard in this life of the worker.
pub(crate) fn set_since_heard(account: &str) -> Option<i64> {
    OFFSETS.with_borrow(|all| {
        let before = all.iter().find(|(known, _)| known == account);
        before.map(|(_, before)| offset() - before)
    })
}

/// The server of `account` was heard just now.
pub(crate) fn heard(account: &str) {
    OFFSETS.with_borrow_mut(|all| {
        all.retain(|(known, _)| known != account);
        all.push((account.to_owned(), offset()));
    });
}
