//! What Gmail's page calls conversations and messages.

use crate::page::dom::attribute;
use kaifu_core::gmail::id::{ConversationId, DraftId, GmailId, ThreadId};
use web_sys::Element;

/// What `node` calls a conversation, as it is spelled there.
pub(crate) fn conversation_name(node: &Element) -> Option<String> {
    [
        "data-thread-id",
        "data-thread-perm-id",
        "data-legacy-thread-id",
    ]
    .iter()
    .find_map(|name| attribute(node, name))
}

/// The id of the conversation that `node` names.
pub(crate) fn conversation_id(node: &Element) -> Option<ConversationId> {
    ConversationId::parse(&conversation_name(node)?)
}

/// The id of the message that `node` names.
pub(crate) fn message_id(node: &Element) -> Option<DraftId> {
    id_in(node, "data-message-id")
}

/// The id of the conversation that `link` undoes something in.
pub(crate) fn undone_thread(link: &Element) -> Option<ThreadId> {
    id_in(link, "param")
}

/// The id in an attribute of `node`.
pub(crate) fn id_in<T: GmailId>(node: &Element, name: &str) -> Option<T> {
    T::parse(&attribute(node, name)?)
}
