//! The browser's source of randomness.

use crate::page::dom::window;
use kaifu_core::id::MessageId;

/// A message id that nobody else has; `None` where the browser has no randomness.
pub(crate) fn random_message() -> Option<MessageId> {
    let mut bytes = [0; 8];
    window()
        .crypto()
        .ok()?
        .get_random_values_with_u8_array(&mut bytes)
        .ok()?;
    Some(MessageId(bytes))
}
