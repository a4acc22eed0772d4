//! Requests that the browser itself blocks, or answers with a page of the extension. Needs the permission
//! `declarativeNetRequestWithHostAccess` and access to the hosts on both sides.
//! <https://developer.chrome.com/docs/extensions/reference/api/declarativeNetRequest>

use crate::convert::{from_js, to_js};
use crate::error::ChromeError;
use crate::sys::rules as sys;
use serde::{Deserialize, Serialize};

/// Keeps requests whose address fits a filter from leaving the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What the address, its fragment included, must fit: `|` anchors, `*` stands for anything.
    /// Case matters.
    pub url_filter: String,
    /// Which requests are meant.
    pub which: Which,
}

/// Which requests a [`Block`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Images on the pages of this host, such as `mail.google.com`.
    ImagesOn(&'static str),
    /// Forms that are sent off, by whichever page: this page of the extension is shown instead. It must be
    /// among the resources that websites may lead to.
    Forms(&'static str),
    /// What scripts post, and frames.
    Posts,
}

impl Which {
    const fn types(self) -> &'static [&'static str] {
        match self {
            Self::ImagesOn(_) => &["image"],
            Self::Forms(_) => &["main_frame"],
            Self::Posts => &["sub_frame", "xmlhttprequest"],
        }
    }

    const fn methods(self) -> Option<[&'static str; 1]> {
        match self {
            Self::ImagesOn(_) => None,
            Self::Forms(_) | Self::Posts => Some(["post"]),
        }
    }

    const fn pages(self) -> Option<[&'static str; 1]> {
        match self {
            Self::ImagesOn(host) => Some([host]),
            Self::Forms(_) | Self::Posts => None,
        }
    }

    const fn action(self) -> Action {
        let (r#type, redirect) = match self {
            Self::Forms(extension_path) => ("redirect", Some(Redirect { extension_path })),
            Self::ImagesOn(_) | Self::Posts => ("block", None),
        };
        Action { r#type, redirect }
    }
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
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect: Option<Redirect>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Redirect {
    /// From the extension's top folder, with a slash before it.
    extension_path: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Condition<'a> {
    url_filter: &'a str,
    is_url_filter_case_sensitive: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    initiator_domains: Option<[&'static str; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_methods: Option<[&'static str; 1]>,
    resource_types: &'static [&'static str],
}

/// A rule that is set, as the browser tells it.
#[derive(Deserialize)]
struct Existing {
    id: usize,
    action: ExistingAction,
    condition: ExistingCondition,
}

#[derive(Deserialize)]
struct ExistingAction {
    r#type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExistingCondition {
    #[serde(default)]
    url_filter: String,
    #[serde(default)]
    is_url_filter_case_sensitive: bool,
    #[serde(default)]
    initiator_domains: Vec<String>,
    #[serde(default)]
    request_methods: Vec<String>,
    #[serde(default)]
    resource_types: Vec<String>,
}

impl Existing {
    fn is(&self, rule: &Rule<'_>) -> bool {
        let (ours, wanted) = (&self.condition, &rule.condition);
        self.id == rule.id
            && self.action.r#type == rule.action.r#type
            && ours.url_filter == wanted.url_filter
            && ours.is_url_filter_case_sensitive == wanted.is_url_filter_case_sensitive
            && ours.initiator_domains == wanted.initiator_domains.as_slice().concat()
            && ours.request_methods == wanted.request_methods.as_slice().concat()
            && ours.resource_types == wanted.resource_types
    }
}

/// Puts `blocks` in the place of every rule that there was; writes nothing where they are there.
///
/// # Errors
///
/// When a filter is malformed.
pub async fn replace(blocks: &[Block]) -> Result<(), ChromeError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Change<'a> {
        remove_rule_ids: Vec<usize>,
        add_rules: Vec<Rule<'a>>,
    }
    let existing: Vec<Existing> = from_js(sys::get_dynamic_rules().await?)?;
    let add_rules = blocks.iter().zip(1..).map(|(block, id)| Rule {
        id,
        action: block.which.action(),
        condition: Condition {
            url_filter: &block.url_filter,
            is_url_filter_case_sensitive: true,
            initiator_domains: block.which.pages(),
            request_methods: block.which.methods(),
            resource_types: block.which.types(),
        },
    });
    let add_rules: Vec<Rule<'_>> = add_rules.collect();
    let are_set = existing.len() == add_rules.len()
        && add_rules
            .iter()
            .all(|rule| existing.iter().any(|it| it.is(rule)));
    if are_set {
        return Ok(());
    }
    let change = Change {
        remove_rule_ids: existing.into_iter().map(|rule| rule.id).collect(),
        add_rules,
    };
    sys::update_dynamic_rules(&to_js(&change)?).await?;
    Ok(())
}
