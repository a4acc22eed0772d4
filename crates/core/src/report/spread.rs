//! Whether opens follow weekdays and hours more than chance makes them.
//!
//! When emails are opened hangs first on when they were sent, so the question is: would the same
//! waits, put behind any of the sent emails, lead to the same weekdays and hours? Only where they do
//! not is there a pattern of those who open. Emails that were sent too late for a wait to be over by
//! now are left out for that wait, or the last days would look quiet in every report.

use super::count;
use super::facts::{Facts, Standing};
use super::local::{Local, Zone};
use crate::sort::in_order;
use crate::time::{HOUR, Millis};

/// From how many opens on anything is said about them.
pub const ENOUGH: u32 = 30;

/// The hours of a week.
const WEEK: usize = 168;

/// The day is looked at in this many parts: 24 hours would have too few opens each.
const PARTS: usize = 8;

/// What chi-square passes once in 200 times by chance, with 1 to 7 degrees of freedom: the two tests
/// together speak of a pattern that is none at most once in 100 times
/// (<https://www.itl.nist.gov/div898/handbook/eda/section3/eda3674.htm>).
const BY_CHANCE: [f64; 7] = [7.879, 10.597, 12.838, 14.860, 16.750, 18.548, 20.278];

/// Where fewer opens are expected, chi-square is not to be trusted.
const EXPECTED_LEAST: f64 = 5.0;

/// What can be said of how opens are spread over weekdays and hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// There are too few opens to say.
    TooFew,
    /// As chance alone spreads them, given when the emails were sent.
    ByChance,
    /// Otherwise than chance does. It does not say when a next email would be opened.
    Uneven,
}

/// How the first opens of `emails` are spread at `now`; later ones hang on the first, so they would
/// count one reader's habit many times.
#[must_use]
pub fn spread<'a>(
    emails: impl IntoIterator<Item = &'a Facts>,
    now: Millis,
    zone: Zone<'_>,
) -> Spread {
    let mut sent: Vec<(i64, i64)> = Vec::new();
    let mut waits: Vec<(i64, i64)> = Vec::new();
    for facts in emails {
        if !facts.standing.is_tracked() || facts.standing == Standing::Refused {
            continue;
        }
        sent.push((facts.sent_at.0, 0));
        let opened = facts.first_open();
        // By a clock that was set, an open can be before its email or still to come.
        let opened = opened.filter(|at| (facts.sent_at..=now).contains(at));
        waits.extend(opened.map(|at| (at.since(facts.sent_at), at.0)));
    }
    if count(waits.len()) < ENOUGH {
        return Spread::TooFew;
    }
    let mut observed = [0.0; WEEK];
    for (_, at) in &waits {
        observed[hour_of_week(Millis(*at), zone)] += 1.0;
    }
    let sent: Vec<Millis> = in_order(&sent).iter().map(|&(at, _)| Millis(at)).collect();
    let waits: Vec<i64> = in_order(&waits).iter().map(|&(wait, _)| wait).collect();
    let expected = expected(&sent, &waits, now, zone);
    let weekday = |hour: usize| hour / 24;
    let part = |hour: usize| hour % 24 * PARTS / 24;
    if differ::<7>(&observed, &expected, weekday) || differ::<PARTS>(&observed, &expected, part) {
        Spread::Uneven
    } else {
        Spread::ByChance
    }
}

/// How many opens each hour of the week would have, were every wait behind any of the emails that
/// were sent early enough for it; both are sorted.
fn expected(sent: &[Millis], waits: &[i64], now: Millis, zone: Zone<'_>) -> [f64; WEEK] {
    let hours: Vec<usize> = sent.iter().map(|at| hour_of_week(*at, zone)).collect();
    let mut left_at = [0.0; WEEK];
    for hour in &hours {
        left_at[*hour] += 1.0;
    }
    let mut early = sent.len();
    let mut all = f64::from(count(sent.len()));
    let mut expected = [0.0; WEEK];
    for wait in waits {
        while early > 0 && sent[early - 1].plus(*wait) > now {
            early -= 1;
            left_at[hours[early]] -= 1.0;
            all -= 1.0;
        }
        let whole = usize::try_from(wait / HOUR).unwrap_or(0) % WEEK;
        #[expect(
            clippy::cast_precision_loss,
            reason = "an hour's milliseconds are far below 2^53"
        )]
        let rest = (wait % HOUR) as f64 / HOUR as f64;
        for (hour, left) in left_at.iter().enumerate() {
            let share = left / all;
            expected[(hour + whole) % WEEK] += share * (1.0 - rest);
            expected[(hour + whole + 1) % WEEK] += share * rest;
        }
    }
    expected
}

/// The hour of the week, 0 for Monday's first.
fn hour_of_week(at: Millis, zone: Zone<'_>) -> usize {
    let local = Local::of(at, zone);
    local.weekday * 24 + local.hour
}

/// Whether `observed` differs from `expected` by more than chance makes it, where the hours of the
/// week are put into `GROUPS` groups. Those of which too little is expected are taken together.
fn differ<const GROUPS: usize>(
    observed: &[f64; WEEK],
    expected: &[f64; WEEK],
    group: impl Fn(usize) -> usize,
) -> bool {
    let mut groups = [(0.0, 0.0); GROUPS];
    for hour in 0..WEEK {
        let (is, should) = &mut groups[group(hour)];
        *is += observed[hour];
        *should += expected[hour];
    }
    let mut rest = (0.0, 0.0);
    let mut tested = 0;
    let mut chi_square = 0.0;
    let mut test = |is: f64, should: f64| {
        tested += 1;
        chi_square += (is - should).powi(2) / should;
    };
    for (is, should) in groups {
        if should < EXPECTED_LEAST {
            rest = (rest.0 + is, rest.1 + should);
        } else {
            test(is, should);
        }
    }
    if rest.1 >= EXPECTED_LEAST {
        test(rest.0, rest.1);
    }
    let freedom: usize = tested;
    freedom >= 2 && chi_square > BY_CHANCE[freedom - 2]
}
