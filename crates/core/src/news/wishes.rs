//! How the user wants to be told of news.

use super::News;

/// How the user wants to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// Whether of an email's first probable open.
    pub first: bool,
    /// How of later ones.
    pub again: Again,
    /// Whether when a recipient says that they read it.
    pub confirmed: bool,
    /// Whether when a recipient refuses tracking.
    pub refused: bool,
    /// When nothing is to be shown; `None` for never.
    pub quiet: Option<Quiet>,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            first: true,
            again: Again::Each,
            confirmed: true,
            refused: true,
            quiet: None,
        }
    }
}

/// How the user wants to be told of an email that is opened again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Again {
    /// Not at all.
    Off,
    /// Without a sound.
    Quiet,
    /// As of the first time.
    #[default]
    Each,
}

/// A part of the day in the user's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// Its first minute, counted from midnight.
    pub from: u32,
    /// The first minute behind it; where that is earlier, the part goes over midnight.
    pub until: u32,
}

impl Quiet {
    /// Whether `minute` of the day is in it. A part without length has none.
    #[must_use]
    pub const fn has(self, minute: u32) -> bool {
        if self.from <= self.until {
            self.from <= minute && minute < self.until
        } else {
            minute >= self.from || minute < self.until
        }
    }
}

/// How something is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// With whatever sound the system makes.
    Aloud,
    /// Without a sound.
    Silent,
}

impl Wishes {
    /// How `news` is shown at `minute` of the user's day; `None` where it is not.
    #[must_use]
    pub fn manner(&self, news: News, minute: u32) -> Option<Manner> {
        if self.quiet.is_some_and(|quiet| quiet.has(minute)) {
            return None;
        }
        let is_wanted = match news {
            News::Reopened => self.again != Again::Off,
            News::Opened => self.first,
            News::Confirmed => self.confirmed,
            News::Refused => self.refused,
        };
        let manner = if news == News::Reopened && self.again == Again::Quiet {
            Manner::Silent
        } else {
            Manner::Aloud
        };
        is_wanted.then_some(manner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: u32 = 720;

    #[test]
    fn all_is_shown_unless_the_user_says_otherwise() {
        for news in [News::Reopened, News::Opened, News::Confirmed, News::Refused] {
            assert_eq!(Wishes::default().manner(news, NOON), Some(Manner::Aloud));
        }
    }

    #[test]
    fn each_wish_is_about_its_own_news() {
        let none = Wishes {
            first: false,
            again: Again::Off,
            confirmed: false,
            refused: false,
            quiet: None,
        };
        let aloud = Some(Manner::Aloud);
        for (wishes, shown) in [
            (none, [None; 4]),
            (
                Wishes {
                    first: true,
                    ..none
                },
                [None, aloud, None, None],
            ),
            (
                Wishes {
                    again: Again::Quiet,
                    ..none
                },
                [Some(Manner::Silent), None, None, None],
            ),
            (
                Wishes {
                    again: Again::Each,
                    ..none
                },
                [aloud, None, None, None],
            ),
            (
                Wishes {
                    confirmed: true,
                    ..none
                },
                [None, None, aloud, None],
            ),
            (
                Wishes {
                    refused: true,
                    ..none
                },
                [None, None, None, aloud],
            ),
        ] {
            let all = [News::Reopened, News::Opened, News::Confirmed, News::Refused];
            assert_eq!(
                all.map(|news| wishes.manner(news, NOON)),
                shown,
                "{wishes:?}"
            );
        }
    }

    #[test]
    fn quiet_hours_may_go_over_midnight() {
        for (from, until, inside, outside) in [
            (
                1_320,
                420,
                &[1_320, 1_439, 0, 419][..],
                &[420, 720, 1_319][..],
            ),
            (720, 780, &[720, 779], &[719, 780, 0]),
            (720, 720, &[], &[719, 720, 721]),
        ] {
            let wishes = Wishes {
                quiet: Some(Quiet { from, until }),
                ..Wishes::default()
            };
            for (minutes, shown) in [(inside, None), (outside, Some(Manner::Aloud))] {
                for &minute in minutes {
                    assert_eq!(wishes.manner(News::Refused, minute), shown, "{minute}");
                }
            }
        }
    }
}
