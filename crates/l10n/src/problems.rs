//! Why there is no news.

use crate::Words;
use kaifu_core::time::Millis;
use kaifu_protocol::pages::Problem;

/// Says what is wrong. `has_account` tells whether the server has given an account, `last_news_at` when
/// it last answered, where that is to be said.
pub fn text(
    problem: Problem,
    has_account: bool,
    last_news_at: Option<Millis>,
    now: Millis,
    words: &impl Words,
) -> String {
    let key = match (problem, last_news_at) {
        (Problem::Rejected, _) => "problem_rejected",
        // A server that has given an account is where the address says: something stands before it.
        (Problem::Unintelligible, _) if has_account => "problem_stranger",
        (Problem::Unintelligible, _) => "problem_unintelligible",
        (Problem::Insecure, _) => "problem_insecure",
        (Problem::Busy, _) => "problem_busy",
        (Problem::Storage, _) => "problem_storage",
        (Problem::Full, _) => "problem_full",
        (Problem::NotAgreed, _) => "problem_not_agreed",
        // Without an account nothing is tracked, so the promise of later news would be false.
        (Problem::Unreachable, _) if !has_account => "problem_no_account",
        (Problem::Unreachable, Some(at)) => {
            return words.with("problem_unreachable", &[&words.clock(at, now)]);
        }
        (Problem::Unreachable, None) => "problem_unreachable_never",
    };
    words.text(key)
}
