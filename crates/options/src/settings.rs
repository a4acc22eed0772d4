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

/// The minute of the day, counted from midnight, that `time` names as a field for times has it: `07:30`.
#[must_use]
pub fn minutes(time: &str) -> Option<u32> {
    let (hours, minutes) = time.split_once(':')?;
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(60 * hours + minutes)
}

/// That minute of the day for a field for times.
#[must_use]
pub fn time(minutes: u32) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The key of the text that says why the worker did not save.
#[must_use]
pub const fn failure_key(failure: &Failure) -> &'static str {
    match failure {
        Failure::InvalidBackend => "settings_invalid_other",
        Failure::InsecureBackend => "settings_insecure",
        Failure::HostNotGranted => "settings_host_refused",
        Failure::Full => "problem_full",
        Failure::Malformed | Failure::Storage(_) | Failure::Unanswered | Failure::NotEmpty => {
            "settings_failed"
        }
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
