//! What the marks in Gmail's lists and conversations say, and what Gmail's pages say of own views.

use crate::error::WorkerError;
use crate::held;
use crate::judged::judged;
use crate::store::{self, messages, views};
use kaifu_core::state::EventKind;
use kaifu_protocol::content::{LookUp, Mark, Marks, Viewed};

/// How many conversations may be asked about at once.
const MOST: usize = 500;

/// The marks of the conversations that are asked about.
pub(crate) async fn look_up(call: LookUp) -> Result<Marks, WorkerError> {
    let store = store::open().await?;
    let mut marks = Vec::new();
    for thread in call.threads.iter().take(MOST) {
        for record in messages::of_thread(&store, thread).await? {
            let judged = judged(&store, &record).await?;
            let last_at = judged
                .opens
                .iter()
                .zip(&judged.judgement.events)
                .filter(|(open, event)| {
                    event.folded_into.is_none()
                        && event.claim == kaifu_core::fetch::Claim::Likely
                        && matches!(
                            EventKind::try_from(open.kind),
                            Ok(EventKind::Pixel | EventKind::Link)
                        )
                })
                .map(|(open, _)| open.at)
                .max();
            marks.push(Mark {
                thread: thread.clone(),
                draft: record.draft,
                message: record.message,
                state: judged.judgement.state.into(),
                reason: judged.judgement.reason.code().to_owned(),
                views: u32::try_from(judged.judgement.views).unwrap_or(u32::MAX),
                last_at,
            });
        }
    }
    Ok(Marks { marks })
}

/// Keeps that the sender looked at their own messages.
pub(crate) async fn viewed(call: Viewed) -> Result<(), WorkerError> {
    views::keep(&store::open().await?, call).await?;
    held::changed();
    Ok(())
}
