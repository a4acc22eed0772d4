//! How things stand between this browser and each server. Trouble belongs to the account that it
//! befell, or to the server that has given none yet; that of one says nothing about another.

use crate::accounts::Account;
use crate::backend::pace::{Attention, Rhythm};
use crate::backend::refusal::BackendError;
use crate::error::WorkerError;
use kaifu_core::backend::BackendUrl;
use kaifu_core::time::Millis;
use kaifu_protocol::call::Failure;
use kaifu_protocol::pages::Problem;

/// Whom a question was put to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    /// Nobody: the browser itself was in the way.
    Browser,
    /// A server that has given no account yet, by its address.
    Server(String),
    /// The server of an account, by the account.
    Account(String),
}

impl Party {
    /// The one that answers for `account` on `backend`.
    pub(crate) fn of(backend: &BackendUrl, account: Option<&Account>) -> Self {
        match account {
            Some(account) => Self::Account(account.given.account.clone()),
            None => Self::Server(backend.to_string()),
        }
    }
}

/// Why there is no news.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The server gave none.
    Backend(BackendError),
    /// The browser could not.
    Worker(WorkerError),
}

impl From<WorkerError> for Trouble {
    fn from(error: WorkerError) -> Self {
        Self::Worker(error)
    }
}

impl From<BackendError> for Trouble {
    fn from(error: BackendError) -> Self {
        Self::Backend(error)
    }
}

impl Trouble {
    /// What the user is told; `None` where nothing went wrong.
    pub(crate) fn problem(&self) -> Option<Problem> {
        match self {
            Self::Backend(error) => error.problem(),
            // The address in the settings cannot be asked at all.
            Self::Worker(WorkerError::Refused(Failure::InvalidBackend)) => {
                Some(Problem::Unintelligible)
            }
            Self::Worker(error) if error.is_full() => Some(Problem::Full),
            Self::Worker(_) => Some(Problem::Storage),
        }
    }
}

/// What a question brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Yield {
    /// News, or the wait that was agreed on.
    Something,
    /// Neither.
    Nothing,
}

/// How one party answers.
#[derive(Clone, Copy, Debug, Default)]
struct Standing {
    problem: Option<Problem>,
    rhythm: Rhythm,
}

/// How things stand with everybody who was asked.
#[derive(Debug, Default)]
pub(crate) struct Standings {
    all: Vec<(Party, Standing)>,
}

/// When and how a question ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    /// Who waited for it.
    pub(crate) attention: Attention,
    /// When, by the steady clock.
    pub(crate) at: Millis,
    /// From 0 to 1: spreads the pauses.
    pub(crate) chance: f64,
}

impl Standings {
    pub(crate) const fn new() -> Self {
        Self { all: Vec::new() }
    }

    fn of(&self, party: &Party) -> Option<&Standing> {
        let found = self.all.iter().find(|(known, _)| known == party);
        found.map(|(_, standing)| standing)
    }

    /// What went wrong when `party` was last asked.
    pub(crate) fn problem(&self, party: &Party) -> Option<Problem> {
        let of = |party: &Party| self.of(party).and_then(|standing| standing.problem);
        of(&Party::Browser).or_else(|| of(party))
    }

    /// For how many more milliseconds `party` is not to be asked.
    pub(crate) fn pause_ms(&self, party: &Party, now: Millis) -> u32 {
        self.of(party)
            .map_or(0, |standing| standing.rhythm.pause_ms(now))
    }

    /// Forgets the pauses of `party`: the user wants it asked now.
    pub(crate) fn ask_now(&mut self, party: &Party) {
        if let Some((_, standing)) = self.all.iter_mut().find(|(known, _)| known == party) {
            standing.rhythm.went_well();
        }
    }

    /// Takes in how a question to `party` ended. True when that changes what the user is told.
    pub(crate) fn note(&mut self, party: &Party, ended: &Result<Yield, Trouble>, end: End) -> bool {
        if matches!(ended, Err(trouble) if trouble.problem().is_none()) {
            return false;
        }
        let is_browsers = matches!(ended, Err(Trouble::Worker(_)));
        let browser = Party::Browser;
        let was_browsers = self.of(&browser).is_some_and(|it| it.problem.is_some());
        if !is_browsers {
            self.all.retain(|(known, _)| *known != browser);
        }
        let party = if is_browsers { &browser } else { party };
        let place = self.all.iter().position(|(known, _)| known == party);
        let place = place.unwrap_or_else(|| {
            self.all.push((party.clone(), Standing::default()));
            self.all.len() - 1
        });
        let standing = &mut self.all[place].1;
        match ended {
            Ok(Yield::Something) => standing.rhythm.went_well(),
            _ => standing
                .rhythm
                .was_fruitless(end.attention, end.at, end.chance),
        }
        let problem = ended.as_ref().err().and_then(Trouble::problem);
        std::mem::replace(&mut standing.problem, problem) != problem || is_browsers || was_browsers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_000);

    fn end() -> End {
        End {
            attention: Attention::Watched,
            at: NOW,
            chance: 0.5,
        }
    }

    fn party(account: &str) -> Party {
        Party::Account(account.to_owned())
    }

    fn broken() -> WorkerError {
        Failure::Storage("the database is corrupt".to_owned()).into()
    }

    #[test]
    fn each_trouble_is_told_as_what_it_is() {
        for (trouble, expected) in [
            (BackendError::Busy.into(), Some(Problem::Busy)),
            (BackendError::Rejected.into(), Some(Problem::Rejected)),
            (BackendError::Insecure.into(), Some(Problem::Insecure)),
            (broken().into(), Some(Problem::Storage)),
            (WorkerError::from(Failure::Full).into(), Some(Problem::Full)),
            (
                Trouble::from(WorkerError::from(Failure::InvalidBackend)),
                Some(Problem::Unintelligible),
            ),
            (Trouble::from(BackendError::Ended), None),
        ] {
            assert_eq!(trouble.problem(), expected, "{trouble:?}");
        }
    }

    #[test]
    fn trouble_with_one_server_is_none_with_another() {
        let mut standings = Standings::new();
        let wrong = Party::Server("http://wrong.local".to_owned());
        let refused = Err(BackendError::Rejected.into());
        assert!(standings.note(&wrong, &refused, end()));
        assert!(!standings.note(&wrong, &refused, end()), "nothing new");
        assert_eq!(standings.problem(&wrong), Some(Problem::Rejected));
        assert_eq!(standings.problem(&party("a")), None);
        assert_eq!(standings.pause_ms(&party("a"), NOW), 0);
        assert!(!standings.note(&party("a"), &Ok(Yield::Something), end()));
        assert_eq!(standings.problem(&wrong), Some(Problem::Rejected));
    }

    #[test]
    fn a_question_that_was_ended_says_nothing_about_anybody() {
        let mut standings = Standings::new();
        standings.note(&party("a"), &Err(BackendError::Unreachable.into()), end());
        let pause = standings.pause_ms(&party("a"), NOW);
        assert!(!standings.note(&party("a"), &Err(BackendError::Ended.into()), end()));
        assert_eq!(standings.problem(&party("a")), Some(Problem::Unreachable));
        assert_eq!(standings.pause_ms(&party("a"), NOW), pause);
    }

    #[test]
    fn trouble_of_the_browser_is_everybodys_and_ends_with_the_first_that_goes_well() {
        let mut standings = Standings::new();
        assert!(standings.note(&party("a"), &Err(broken().into()), end()));
        for asked in [party("a"), party("b")] {
            assert_eq!(standings.problem(&asked), Some(Problem::Storage));
        }
        assert!(standings.note(&party("b"), &Ok(Yield::Something), end()));
        assert_eq!(standings.problem(&party("a")), None);
    }

    #[test]
    fn what_brought_nothing_is_asked_again_later_and_later() {
        let mut standings = Standings::new();
        let mut before = 0;
        for _ in 0..5 {
            assert!(!standings.note(&party("a"), &Ok(Yield::Nothing), end()));
            let pause = standings.pause_ms(&party("a"), NOW);
            assert!(pause > before);
            before = pause;
        }
        standings.ask_now(&party("a"));
        assert_eq!(standings.pause_ms(&party("a"), NOW), 0);
    }
}
