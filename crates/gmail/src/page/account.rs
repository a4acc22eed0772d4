//! What the page says about the account it shows.

use crate::page::dom::{attribute, page};
use crate::page::selectors::ACCOUNT;

/// What the account menu says.
pub(crate) fn account_label() -> Option<String> {
    attribute(&ACCOUNT.find(&page())?, "aria-label")
}
