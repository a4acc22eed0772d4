//! How many emails stand where, and what the numbers leave out.

use super::Window;
use super::facts::{Facts, Standing};
use super::which::is_quiet;

/// How many emails stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// How many there are of each standing, in the order of [`Standing::ALL`].
    pub standings: [u32; Standing::ALL.len()],
    /// Loads that do not count, as a machine made them or may have.
    pub automated: u32,
    /// Loads by the sender's own program, which do not count either.
    pub own: u32,
    /// Emails that were sent some days ago and of which no open was detected.
    pub quiet: u32,
}

impl Figures {
    /// How many emails stand so.
    #[must_use]
    pub fn of(&self, standing: Standing) -> u32 {
        self.sum(|it| it == standing)
    }

    /// How many emails something can be known of.
    #[must_use]
    pub fn tracked(&self) -> u32 {
        self.sum(Standing::is_tracked)
    }

    /// How many emails are thought to have been opened.
    #[must_use]
    pub fn opened(&self) -> u32 {
        self.sum(Standing::is_opened)
    }

    fn sum(&self, wanted: impl Fn(Standing) -> bool) -> u32 {
        let all = Standing::ALL.iter().zip(&self.standings);
        all.filter(|(standing, _)| wanted(**standing))
            .fold(0, |sum, (_, &count)| sum.saturating_add(count))
    }
}

/// The figures of `emails`, all of which were sent in `window`.
#[must_use]
pub fn figures<'a>(emails: impl IntoIterator<Item = &'a Facts>, window: Window) -> Figures {
    let mut figures = Figures::default();
    for facts in emails {
        let place = Standing::ALL.iter().position(|it| *it == facts.standing);
        if let Some(place) = place {
            figures.standings[place] = figures.standings[place].saturating_add(1);
        }
        figures.automated = figures.automated.saturating_add(facts.automated);
        figures.own = figures.own.saturating_add(facts.own);
        figures.quiet += u32::from(is_quiet(facts, window.now));
    }
    figures
}
