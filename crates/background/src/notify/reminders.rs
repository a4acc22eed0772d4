//! Reminders that the user asked for: of an email of which nothing came until a time.

use super::gathering;
use super::notice;
use crate::error::WorkerError;
use crate::judgements::Snapshot;
use crate::settings;
use crate::store::kept::{KeptMessage, Missing, Reminder};
use crate::store::{self, asked, messages};
use crate::subscribers::{self, Topic};
use kaifu_chrome::clock::{minute_of_day, now};
use kaifu_chrome::notifications;
use kaifu_core::news::Wishes;
use kaifu_protocol::state::State;

/// Between these minutes of the day, reminders are shown.
const DECENT: std::ops::Range<u32> = 8 * 60..20 * 60;

/// Shows the reminders whose time has come, and forgets them. At night they wait for the morning.
pub(crate) async fn tell_due() -> Result<(), WorkerError> {
    let store = store::open().await?;
    let due = asked::due(&store, now()).await?;
    if due.is_empty() {
        return Ok(());
    }
    let settings = settings::load().await?;
    if !is_decent(&settings.wishes, minute_of_day(now())) {
        return Ok(());
    }
    for (message, reminder) in &due {
        let snapshot = Snapshot::open(&store).await?;
        let found = messages::find_in(&snapshot.transaction, message).await?;
        if let Some(kept) = found.filter(KeptMessage::left) {
            let judged = snapshot.judged(&kept).await?;
            if still_missing(reminder.missing, snapshot.state(&kept, &judged.judgement)) {
                let notice = notice::reminder(reminder.missing, &kept, settings.hide_subjects);
                // A desktop that shows none must not hold up what comes after.
                let _ = notifications::show(&gathering::reminder_id(message), &notice).await;
            }
        }
    }
    // Only now: what a dying worker did not get to show is shown at the next start, in the same place.
    let messages: Vec<String> = due.into_iter().map(|(message, _)| message).collect();
    set(&messages, None).await
}

/// Reminds the user of `messages`, or does so no more.
pub(crate) async fn set(
    messages: &[String],
    reminder: Option<Reminder>,
) -> Result<(), WorkerError> {
    let store = store::open().await?;
    asked::change(&store, messages, &|asked| asked.reminder = reminder).await?;
    subscribers::changed(&[Topic::Messages]);
    Ok(())
}

fn is_decent(wishes: &Wishes, minute: u32) -> bool {
    DECENT.contains(&minute) && !wishes.quiet.is_some_and(|quiet| quiet.has(minute))
}

/// Whether what is `missing` of an email in that state has not come, though it could have: of what
/// nothing can be known, nothing is said, and who declined is not asked about again.
pub(crate) fn still_missing(missing: Missing, state: State) -> bool {
    match state {
        State::Unseen | State::Unsure | State::Machine => true,
        State::Opened => missing == Missing::Confirmation,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kaifu_core::news::Quiet;

    #[test]
    fn a_reminder_is_gone_once_what_it_is_about_has_come() {
        for state in State::ALL {
            let shown = [Missing::Open, Missing::Confirmation].map(|it| still_missing(it, state));
            let expected = match state {
                State::Unseen | State::Unsure | State::Machine => [true, true],
                State::Opened => [false, true],
                _ => [false, false],
            };
            assert_eq!(shown, expected, "{state:?}");
        }
    }

    #[test]
    fn nobody_is_reminded_at_night_or_in_quiet_hours() {
        let quiet = Some(Quiet {
            from: 720,
            until: 780,
        });
        for (minute, always, with_quiet) in [
            (0, false, false),
            (479, false, false),
            (480, true, true),
            (740, true, false),
            (1_199, true, true),
            (1_200, false, false),
        ] {
            let decent = |quiet| {
                let wishes = Wishes {
                    quiet,
                    ..Wishes::default()
                };
                is_decent(&wishes, minute)
            };
            assert_eq!(
                (decent(None), decent(quiet)),
                (always, with_quiet),
                "{minute}"
            );
        }
    }
}
