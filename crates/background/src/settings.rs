//! What the user has set.

use crate::error::WorkerError;
use kaifu_chrome::{permissions, storage};
use kaifu_core::backend::BackendUrl;
use kaifu_protocol::call::Failure;
use kaifu_protocol::pages::Settings;

const KEY: &str = "settings";

/// The backend that this build of the extension comes with.
const DEFAULT_BACKEND: &str = match option_env!("KAIFU_BACKEND") {
    Some(address) => address,
    None => "http://127.0.0.1:8787",
};

/// The settings, or the defaults where none were saved.
pub(crate) async fn load() -> Result<Settings, WorkerError> {
    let saved = storage::local::get(KEY).await?;
    Ok(saved.unwrap_or_else(|| Settings {
        backend: DEFAULT_BACKEND.to_owned(),
        track_by_default: false,
        mark_untracked: false,
    }))
}

/// Saves `settings`, with the backend's address tidied.
pub(crate) async fn save(settings: Settings) -> Result<Settings, WorkerError> {
    let backend = parse(&settings.backend)?;
    if !permissions::contains(&[&backend.match_pattern()]).await? {
        return Err(Failure::HostNotGranted.into());
    }
    let settings = Settings {
        backend: backend.to_string(),
        ..settings
    };
    storage::local::set(KEY, &settings).await?;
    Ok(settings)
}

/// The backend's address, parsed.
pub(crate) fn parse(backend: &str) -> Result<BackendUrl, Failure> {
    backend.parse().map_err(|_| Failure::InvalidBackend)
}
