//! Access to hosts that the user grants at run time. Needs the manifest's
//! `optional_host_permissions`.
//! <https://developer.chrome.com/docs/extensions/reference/api/permissions>

use crate::convert::to_js;
use crate::error::ChromeError;
use crate::sys::permissions as sys;
use serde::Serialize;

#[derive(Serialize)]
struct Permissions<'a> {
    origins: &'a [&'a str],
}

/// Whether the extension may reach every host that `patterns` name.
///
/// # Errors
///
/// When a pattern is malformed.
pub async fn contains(patterns: &[&str]) -> Result<bool, ChromeError> {
    Ok(sys::contains(&to_js(&Permissions { origins: patterns })?)
        .await?
        .is_truthy())
}

/// Asks the user for access to the hosts that `patterns` name. Must be called from within the
/// handling of a user's gesture; asks nothing where access is there already.
///
/// # Errors
///
/// When no gesture is under way, or a pattern is outside what the manifest allows to ask for.
pub async fn request(patterns: &[&str]) -> Result<bool, ChromeError> {
    Ok(sys::request(&to_js(&Permissions { origins: patterns })?)
        .await?
        .is_truthy())
}
