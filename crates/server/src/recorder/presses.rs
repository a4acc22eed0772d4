//! Presses of the buttons on the recipient's page.

use super::{NotRecorded, Outcome, Recorder, Requester};
use crate::store::{NewEvent, Press};
use kaifu_core::fetch::Reason;
use kaifu_core::id::EventId;
use kaifu_core::state::EventKind;
use kaifu_core::token::Token;

/// A press of a button on the recipient's page.
pub(crate) struct Pressing {
    /// What it says.
    pub(crate) kind: EventKind,
    /// The event that it is.
    pub(crate) id: EventId,
    /// Whether it came faster than a person presses.
    pub(crate) is_quick: bool,
    /// What else it says.
    pub(crate) press: Press,
}

impl Recorder {
    /// Stores a press, and waits until that is durable. After the token's last day nothing can be
    /// confirmed any more; whoever declines or takes back what they said can do so for as long as the
    /// page can be seen.
    ///
    /// # Errors
    ///
    /// [`NotRecorded`] as for [`Self::record`].
    pub(crate) async fn press(
        &self,
        token: Token,
        pressing: Pressing,
        requester: &Requester<'_>,
    ) -> Result<Outcome, NotRecorded> {
        let may_expire = matches!(pressing.kind, EventKind::Read | EventKind::Agree);
        if may_expire && !self.records(&token) {
            self.metrics.expired_tokens.add(1);
            return Ok(Outcome::Expired);
        }
        if let Some(barred) = self.bar(&token, pressing.kind).await? {
            return Ok(barred);
        }
        let event = self.pressed(token, pressing, requester);
        let class = event.verdict.class;
        self.finish(self.store.record(event), class, None).await
    }

    /// Lifts the refusal of the token's message by a press, and waits until that is durable.
    ///
    /// # Errors
    ///
    /// [`NotRecorded`] as for [`Self::record`].
    pub(crate) async fn allow(
        &self,
        token: Token,
        pressing: Pressing,
        requester: &Requester<'_>,
    ) -> Result<Outcome, NotRecorded> {
        if let Some(barred) = self.bar(&token, EventKind::Undo).await? {
            return Ok(barred);
        }
        let undo = self.pressed(token, pressing, requester);
        let class = undo.verdict.class;
        self.finish(self.store.allow(undo), class, None).await
    }

    /// The event that a press is.
    fn pressed(&self, token: Token, pressing: Pressing, requester: &Requester<'_>) -> NewEvent {
        let mut event = self.judge(token, pressing.kind, requester);
        event.id = pressing.id;
        event.press = pressing.press;
        if pressing.is_quick {
            event.verdict.reason = Reason::QuickPress;
            event.verdict.claim = Reason::QuickPress.claim();
        }
        event
    }
}
