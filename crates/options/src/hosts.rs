//! Asking the user for access to servers.

use kaifu_chrome::permissions;

/// Asks for the hosts of these patterns, while the user's gesture is fresh.
///
/// # Errors
///
/// Where the user refuses: the key of the text that says so.
pub(crate) async fn allow(patterns: &[String]) -> Result<(), &'static str> {
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    let granted = permissions::request(&patterns).await.unwrap_or(false);
    granted.then_some(()).ok_or("settings_host_refused")
}
