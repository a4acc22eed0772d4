//! What chance does is not called a pattern.

use super::*;

/// Numbers that look random, the same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: i64) -> i64 {
        // SplitMix64 (https://prng.di.unimi.it/splitmix64.c).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        i64::try_from((mixed ^ (mixed >> 31)) % end.unsigned_abs()).unwrap()
    }

    /// An email that was sent so long ago, and opened up to five times at any time of the week after
    /// that, and again soon after each.
    fn opened(&mut self, before: i64) -> Facts {
        let mut after = Vec::new();
        for _ in 0..self.below(6) {
            let at = self.below(7 * DAY);
            after.extend([at, at + HOUR]);
        }
        after.sort_unstable();
        after.retain(|after| *after < before);
        opened(before, &after)
    }
}

/// How many of 100 senders are told of a pattern, each with so many `emails` sent when `before` says.
fn told(emails: usize, mut before: impl FnMut(&mut Chance) -> i64) -> u32 {
    let mut chance = Chance(7);
    let mut told = 0;
    for run in 0..100 {
        let mut all: Vec<Facts> = Vec::new();
        while all.len() < emails {
            let before = before(&mut chance);
            all.push(chance.opened(before));
        }
        match spread(&all, NOW, &ahead(run % 24 - 11)) {
            Spread::TooFew => panic!("{emails} emails are enough"),
            Spread::Uneven => told += 1,
            Spread::ByChance => {}
        }
    }
    told
}

#[test]
fn a_sender_with_random_opens_is_told_of_no_pattern() {
    for (days, emails) in [(7, 120), (7, 2_000), (30, 60), (30, 1_000), (97, 2_000)] {
        let told = told(emails, |chance| chance.below(days * DAY));
        assert!(told <= 5, "{told} of 100 with {emails} in {days} days");
    }
}

#[test]
fn when_emails_are_sent_is_no_pattern_of_those_who_open_them() {
    // From Monday to Friday, from nine to five, in the last ten weeks.
    let in_working_hours = |chance: &mut Chance| {
        chance.below(10) * 7 * DAY + 2 * DAY + chance.below(5) * DAY - 5 * HOUR
            + chance.below(8 * HOUR)
    };
    let at_once = |chance: &mut Chance| 7 * DAY * (1 + chance.below(10));
    for (emails, told) in [
        (300, told(300, in_working_hours)),
        (2_000, told(2_000, in_working_hours)),
        (300, told(300, at_once)),
    ] {
        assert!(told <= 5, "{told} of 100 with {emails}");
    }
    let emails: Vec<Facts> = (1..=40)
        .map(|week| opened(week * 7 * DAY, &[HOUR]))
        .collect();
    assert_eq!(spread(&emails, NOW, &ahead(0)), Spread::ByChance);
}

#[test]
fn opens_in_working_hours_are_uneven() {
    let mut chance = Chance(7);
    let mut told = 0;
    for _ in 0..100 {
        let emails: Vec<Facts> = (0..60)
            .map(|_| {
                let before = 7 * DAY + chance.below(70 * DAY);
                let sent = NOW.plus(-before);
                // The next Monday to Friday, from nine to five.
                let mut opened_at = Millis(sent.day() * DAY + 9 * HOUR + chance.below(8 * HOUR));
                while opened_at < sent || Local::of(opened_at, &ahead(0)).weekday > 4 {
                    opened_at = opened_at.plus(DAY);
                }
                opened(before, &[opened_at.since(sent)])
            })
            .collect();
        told += u32::from(spread(&emails, NOW, &ahead(0)) == Spread::Uneven);
    }
    assert_eq!(told, 100);
}

#[test]
fn one_eager_reader_is_no_pattern() {
    // One email is opened a hundred times at the same hour, among others opened at random.
    let mut chance = Chance(7);
    let mut emails: Vec<Facts> = Vec::new();
    for _ in 0..100 {
        let before = chance.below(90 * DAY);
        emails.push(chance.opened(before));
    }
    let again: Vec<i64> = (0..100).map(|times| times * MINUTE / 2).collect();
    emails.push(opened(DAY, &again));
    assert_eq!(spread(&emails, NOW, &ahead(0)), Spread::ByChance);
}

#[test]
fn under_thirty_opens_are_too_few() {
    let emails: Vec<Facts> = (0..30).map(|number| opened(number * DAY, &[0])).collect();
    assert_ne!(spread(&emails, NOW, &ahead(0)), Spread::TooFew);
    assert_eq!(spread(&emails[1..], NOW, &ahead(0)), Spread::TooFew);
    assert_eq!(spread(&[], NOW, &ahead(0)), Spread::TooFew);
    // What a clock that was set puts before the email or behind the present is none.
    let set = [opened(DAY, &[-HOUR]), opened(DAY, &[2 * DAY])];
    let emails: Vec<Facts> = emails.into_iter().skip(1).chain(set).collect();
    assert_eq!(spread(&emails, NOW, &ahead(0)), Spread::TooFew);
}
