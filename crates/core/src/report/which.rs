//! Which emails a number stands for, and in what order they are listed.

use super::facts::{Facts, Standing};
use super::first_open::{WITHIN, delay, step};
use super::local::{Local, Zone};
use super::people::domain;
use super::trend::monday_of;
use crate::time::{DAY, Millis};

/// From so many milliseconds after sending on, an email without a detected open is waited for.
pub const QUIET_AFTER: i64 = 3 * DAY;

/// Which emails are meant. Every number of a report stands for the emails of one of these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// All that were sent in the period.
    #[default]
    All,
    /// Those that something can be known of.
    Tracked,
    /// Those that are thought to have been opened, confirmed or not.
    Opened,
    /// Those that stand so.
    Standing(Standing),
    /// Those that nothing can be known of.
    LeftOut,
    /// Those with loads that do not count.
    NotCounted,
    /// Those of which no open was detected [`QUIET_AFTER`] their sending.
    Quiet,
    /// Those that were first opened after a time in this place of [`WITHIN`].
    Within(usize),
    /// Those that were opened in this hour of the week, by weekday (0 for Monday) and hour.
    Hour(usize, usize),
    /// Those of the week with this Monday, in days since 1970-01-01.
    Week(i64),
    /// Those to this address, in lower case.
    Person(String),
    /// Those to this domain, in lower case.
    Domain(String),
}

impl Which {
    /// The name by which a page and the worker speak of it.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Tracked => "tracked".to_owned(),
            Self::Opened => "any_opened".to_owned(),
            Self::Standing(standing) => standing.name().to_owned(),
            Self::LeftOut => "left_out".to_owned(),
            Self::NotCounted => "not_counted".to_owned(),
            Self::Quiet => "quiet".to_owned(),
            Self::Within(place) => format!("within:{place}"),
            Self::Hour(weekday, hour) => format!("hour:{weekday}:{hour}"),
            Self::Week(monday) => format!("week:{monday}"),
            Self::Person(address) => format!("person:{address}"),
            Self::Domain(domain) => format!("domain:{domain}"),
        }
    }

    /// What `code` names; `None` for what this version does not know.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let standing = Standing::ALL.iter().find(|it| it.name() == code);
        if let Some(standing) = standing {
            return Some(Self::Standing(*standing));
        }
        let (kind, value) = code.split_once(':').unwrap_or((code, ""));
        Some(match kind {
            "all" => Self::All,
            "tracked" => Self::Tracked,
            "any_opened" => Self::Opened,
            "left_out" => Self::LeftOut,
            "not_counted" => Self::NotCounted,
            "quiet" => Self::Quiet,
            "within" => Self::Within(value.parse().ok().filter(|it| *it <= WITHIN.len())?),
            "hour" => {
                let (weekday, hour) = value.split_once(':')?;
                let (weekday, hour) = (weekday.parse().ok()?, hour.parse().ok()?);
                (weekday < 7 && hour < 24).then_some(Self::Hour(weekday, hour))?
            }
            "week" => Self::Week(value.parse().ok()?),
            "person" => Self::Person(value.to_owned()),
            "domain" => Self::Domain(value.to_owned()),
            _ => return None,
        })
    }

    /// Whether the email of `facts` is one of them at `now`.
    #[must_use]
    pub fn has(&self, facts: &Facts, now: Millis, zone: Zone<'_>) -> bool {
        let standing = facts.standing;
        let any_is = |what: &str, of: fn(&str) -> &str| {
            let mut all = facts.recipients.iter().map(|person| of(&person.address));
            standing.is_tracked() && all.any(|it| it.eq_ignore_ascii_case(what))
        };
        match self {
            Self::All => true,
            Self::Tracked => standing.is_tracked(),
            Self::Opened => standing.is_opened(),
            Self::Standing(wanted) => standing == *wanted,
            Self::LeftOut => !standing.is_tracked(),
            Self::NotCounted => facts.automated > 0 || facts.own > 0,
            Self::Quiet => is_quiet(facts, now),
            Self::Within(place) => delay(facts).is_some_and(|delay| step(delay) == *place),
            Self::Hour(weekday, hour) => facts.opens.iter().any(|at| {
                let local = Local::of(*at, zone);
                (local.weekday, local.hour) == (*weekday, *hour)
            }),
            Self::Week(monday) => standing.is_tracked() && monday_of(facts, zone) == *monday,
            Self::Person(address) => any_is(address, |address| address),
            Self::Domain(wanted) => any_is(wanted, domain),
        }
    }
}

/// Whether an open of the email could have been detected since, and none was.
pub(super) fn is_quiet(facts: &Facts, now: Millis) -> bool {
    facts.standing.is_without_open() && now.since(facts.sent_at) >= QUIET_AFTER
}

/// What a list of emails is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// When anything last happened.
    #[default]
    Activity,
    /// When they were sent.
    Sent,
    /// How often they were probably opened.
    Opens,
    /// Where they stand, the surest first.
    Standing,
}

impl Order {
    /// Every order there is.
    pub const ALL: [Self; 4] = [Self::Activity, Self::Sent, Self::Opens, Self::Standing];

    /// The name by which a page and the worker speak of it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Activity => "activity",
            Self::Sent => "sent",
            Self::Opens => "opens",
            Self::Standing => "standing",
        }
    }

    /// What `code` names; `None` for what this version does not know.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.code() == code)
    }

    /// A number by which the email of `facts` is sorted, the lowest first: what is newest, most or
    /// surest.
    #[must_use]
    pub fn rank(self, facts: &Facts) -> (i64, i64) {
        let newest = facts.activity().0.saturating_neg();
        let rank = match self {
            Self::Activity => newest,
            Self::Sent => facts.sent_at.0.saturating_neg(),
            Self::Opens => -i64::try_from(facts.opens.len()).unwrap_or(i64::MAX),
            Self::Standing => facts.standing as i64,
        };
        (rank, newest)
    }
}
