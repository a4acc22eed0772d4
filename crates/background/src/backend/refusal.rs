//! Who answered, and what that means: only an error in the server's own form is the server's word.

use kaifu_protocol::pages::Problem;

/// The code by which a server says that it does not know an account.
const UNAUTHORIZED: &str = "unauthorized";

/// Why the server did not give what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BackendError {
    /// No answer came.
    #[error("the server does not answer")]
    Unreachable,
    /// It does not know this account.
    #[error("the server does not know this account")]
    Rejected,
    /// It asks for patience.
    #[error("the server asks for patience")]
    Busy,
    /// What answered is no Kaifu server: a sign-in page, a proxy, another site.
    #[error("something else answered")]
    Unintelligible,
    /// The secrets of an account are not sent unencrypted over the internet.
    #[error("the server would be asked by plain http")]
    Insecure,
    /// The user has not agreed to anything yet.
    #[error("the user has not agreed yet")]
    NotAgreed,
    /// The question was no longer wanted, and ended.
    #[error("the question was ended")]
    Ended,
}

impl BackendError {
    /// What an answer with `status` means, other than success; `code` is that of the server's own form
    /// of an error, `None` where the answer has another form.
    pub(crate) fn of_answer(status: u16, code: Option<&str>) -> Self {
        match (status, code) {
            (401 | 403, Some(UNAUTHORIZED)) => Self::Rejected,
            (429, _) => Self::Busy,
            // By 511 a network asks its user to sign in (RFC 6585).
            (500..=510, _) => Self::Unreachable,
            _ => Self::Unintelligible,
        }
    }

    /// What the user is told; `None` where nothing went wrong.
    pub(crate) const fn problem(self) -> Option<Problem> {
        Some(match self {
            Self::Unreachable => Problem::Unreachable,
            Self::Rejected => Problem::Rejected,
            Self::Busy => Problem::Busy,
            Self::Unintelligible => Problem::Unintelligible,
            Self::Insecure => Problem::Insecure,
            Self::NotAgreed => Problem::NotAgreed,
            Self::Ended => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_servers_own_word_refuses_an_account() {
        use BackendError::{Busy, Rejected, Unintelligible, Unreachable};
        for (status, code, expected) in [
            (401, Some("unauthorized"), Rejected),
            // A proxy, a sign-in page, another program's JSON.
            (401, None, Unintelligible),
            (403, None, Unintelligible),
            (401, Some("login_required"), Unintelligible),
            (404, None, Unintelligible),
            (404, Some("not_found"), Unintelligible),
            (302, None, Unintelligible),
            (511, None, Unintelligible),
            (429, Some("too_many_polls"), Busy),
            (429, None, Busy),
            (502, None, Unreachable),
            (503, Some("stopping"), Unreachable),
        ] {
            assert_eq!(
                BackendError::of_answer(status, code),
                expected,
                "{status} {code:?}"
            );
        }
    }

    #[test]
    fn nothing_but_the_servers_refusal_can_be_told_as_one() {
        for status in 0..1_000 {
            for code in [None, Some(""), Some("forbidden"), Some("Unauthorized")] {
                let error = BackendError::of_answer(status, code);
                assert_ne!(error, BackendError::Rejected, "{status} {code:?}");
            }
        }
    }
}
