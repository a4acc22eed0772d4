//! Requests that the browser itself blocks. Needs the permission
//! `declarativeNetRequestWithHostAccess` and access to the hosts on both sides.
//! <https://developer.chrome.com/docs/extensions/reference/api/declarativeNetRequest>

use crate::convert::{from_js, to_js};
use crate::error::ChromeError;
use crate::sys::rules as sys;
use serde::{Deserialize, Serialize};

/// Blocks images whose address fits a filter on the pages of one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageBlock {
    /// What the address, its fragment included, must fit: `|` anchors, `*` stands for anything.
    /// Case matters.
    pub url_filter: String,
    /// The host whose pages are meant, such as `mail.google.com`.
    pub on_pages_of: &'static str,
}

#[derive(Serialize)]
struct Rule<'a> {
    id: usize,
    action: Action,
    condition: Condition<'a>,
}

#[derive(Serialize)]
struct Action {
    r#type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Condition<'a> {
    url_filter: &'a str,
    is_url_filter_case_sensitive: bool,
    initiator_domains: [&'static str; 1],
    resource_types: [&'static str; 1],
}

/// Puts `blocks` in the place of every rule that there was.
///
/// # Errors
///
/// When a filter is malformed.
pub async fn replace(blocks: &[ImageBlock]) -> Result<(), ChromeError> {
    #[derive(Deserialize)]
    struct Existing {
        id: usize,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Change<'a> {
        remove_rule_ids: Vec<usize>,
        add_rules: Vec<Rule<'a>>,
    }
    let existing: Vec<Existing> = from_js(sys::get_dynamic_rules().await?)?;
    let add_rules = blocks.iter().zip(1..).map(|(block, id)| Rule {
        id,
        action: Action { r#type: "block" },
        condition: Condition {
            url_filter: &block.url_filter,
            is_url_filter_case_sensitive: true,
            initiator_domains: [block.on_pages_of],
            resource_types: ["image"],
        },
    });
    let change = Change {
        remove_rule_ids: existing.into_iter().map(|rule| rule.id).collect(),
        add_rules: add_rules.collect(),
    };
    sys::update_dynamic_rules(&to_js(&change)?).await?;
    Ok(())
}
