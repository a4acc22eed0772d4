//! What the settings form may send.

use kaifu_core::backend::{BackendUrl, InvalidBackend};
use kaifu_protocol::call::Failure;

/// The address in the form.
///
/// # Errors
///
/// The key of the text that says what is wrong with it.
pub fn backend(text: &str) -> Result<BackendUrl, &'static str> {
    let backend: BackendUrl = text.parse().map_err(|error| match error {
        InvalidBackend::Scheme => "settings_invalid_scheme",
        InvalidBackend::Host => "settings_invalid_host",
        InvalidBackend::Port => "settings_invalid_port",
        InvalidBackend::Path => "settings_invalid_path",
    })?;
    if backend.may_carry_secrets() {
        Ok(backend)
    } else {
        Err("settings_insecure")
    }
}

/// The key of the text that says why the worker did not save.
#[must_use]
pub const fn failure_key(failure: &Failure) -> &'static str {
    match failure {
        Failure::InvalidBackend => "settings_invalid_other",
        Failure::InsecureBackend => "settings_insecure",
        Failure::HostNotGranted => "settings_host_refused",
        Failure::Full => "problem_full",
        Failure::Malformed | Failure::Storage(_) => "settings_failed",
    }
}

/// Whether a failure is about the address, and so belongs beside its field.
#[must_use]
pub const fn is_about_backend(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::InvalidBackend | Failure::InsecureBackend | Failure::HostNotGranted
    )
}
