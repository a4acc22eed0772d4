//! What the user has set.

use crate::error::WorkerError;
use crate::store::records::{NoticesRecord, SettingsRecord};
use kaifu_chrome::{permissions, storage};
use kaifu_core::backend::BackendUrl;
use kaifu_core::mail::mode::Mode;
use kaifu_core::news::{Quiet, Wishes};
use kaifu_core::token::RECORDED_DAYS;
use kaifu_protocol::call::Failure;
use kaifu_protocol::{content, pages};

pub(crate) const KEY: &str = "settings";

/// For how many days an email may be tracked at most: a year, so that a scheduled one is, too, within the two
/// years that servers allow.
const TRACK_DAYS_MAX: u16 = 365;

/// The server that this build of the extension comes with.
const DEFAULT_BACKEND: &str = match option_env!("KAIFU_BACKEND") {
    Some(address) => address,
    None => "http://127.0.0.1:8787",
};

/// What the user has set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a box that is ticked or not"
)]
pub(crate) struct Settings {
    /// The server's address.
    pub(crate) backend: BackendUrl,
    /// Whether new emails are tracked unless the user says otherwise.
    pub(crate) track_by_default: bool,
    /// How emails are tracked unless the user says otherwise.
    pub(crate) mode: Mode,
    /// Whether an email with an image says so in a line.
    pub(crate) tells: bool,
    /// Whether nobody is tracked without having agreed.
    pub(crate) strict: bool,
    /// Whether emails that are not tracked are marked in Gmail, too.
    pub(crate) mark_untracked: bool,
    /// For how many days after its sending an email is kept.
    pub(crate) keep_days: u32,
    /// For how many days after its delivery an email is tracked.
    pub(crate) track_days: u16,
    /// What notifications tell of, and when.
    pub(crate) wishes: Wishes,
    /// Whether they leave out subjects.
    pub(crate) hide_subjects: bool,
}

impl TryFrom<SettingsRecord> for Settings {
    type Error = Failure;

    fn try_from(record: SettingsRecord) -> Result<Self, Failure> {
        Ok(Self {
            backend: parse(&record.backend)?,
            track_by_default: record.track_by_default,
            mode: content::mode(&record.mode.unwrap_or_default()),
            tells: !record.tells_not,
            strict: record.strict,
            mark_untracked: record.mark_untracked,
            keep_days: record.keep_days.unwrap_or(pages::KEEP_DAYS),
            track_days: record.track_days.unwrap_or(RECORDED_DAYS),
            hide_subjects: record.notices.as_ref().is_some_and(|it| it.hide_subjects),
            wishes: record.notices.map(Wishes::from).unwrap_or_default(),
        })
    }
}

impl TryFrom<pages::Settings> for Settings {
    type Error = Failure;

    fn try_from(asked: pages::Settings) -> Result<Self, Failure> {
        Ok(Self {
            backend: parse(&asked.backend)?,
            track_by_default: asked.track_by_default,
            mode: content::mode(&asked.mode),
            tells: asked.tells,
            strict: asked.strict,
            mark_untracked: asked.mark_untracked,
            keep_days: asked.keep_days.clamp(1, pages::KEEP_DAYS_MAX),
            track_days: asked.track_days.clamp(1, TRACK_DAYS_MAX),
            hide_subjects: asked.notices.hide_subjects,
            wishes: Wishes {
                first: asked.notices.first,
                again: asked.notices.again.into(),
                confirmed: asked.notices.confirmed,
                refused: asked.notices.refused,
                quiet: asked
                    .notices
                    .quiet
                    .map(|[from, until]| Quiet { from, until }),
            },
        })
    }
}

impl From<Settings> for pages::Settings {
    fn from(settings: Settings) -> Self {
        Self {
            backend: settings.backend.to_string(),
            track_by_default: settings.track_by_default,
            mode: settings.mode.name().to_owned(),
            tells: settings.tells,
            strict: settings.strict,
            mark_untracked: settings.mark_untracked,
            keep_days: settings.keep_days,
            track_days: settings.track_days,
            notices: pages::Notices {
                first: settings.wishes.first,
                again: settings.wishes.again.into(),
                confirmed: settings.wishes.confirmed,
                refused: settings.wishes.refused,
                quiet: settings.wishes.quiet.map(|quiet| [quiet.from, quiet.until]),
                hide_subjects: settings.hide_subjects,
            },
        }
    }
}

/// The settings, or the defaults where none were saved.
pub(crate) async fn load() -> Result<Settings, WorkerError> {
    let saved: Option<SettingsRecord> = storage::local::get(KEY).await?;
    let record = saved.unwrap_or_else(|| SettingsRecord {
        backend: DEFAULT_BACKEND.to_owned(),
        track_by_default: false,
        mode: None,
        tells_not: false,
        strict: false,
        mark_untracked: false,
        keep_days: None,
        track_days: None,
        notices: None,
    });
    Ok(record.try_into()?)
}

/// Saves `settings`, if the user has granted access to the server.
pub(crate) async fn save(settings: &Settings) -> Result<(), WorkerError> {
    if !settings.backend.may_carry_secrets() {
        return Err(Failure::InsecureBackend.into());
    }
    let pattern = settings.backend.match_pattern();
    if !permissions::contains(&[&pattern]).await? {
        return Err(Failure::HostNotGranted.into());
    }
    let record = SettingsRecord {
        backend: settings.backend.to_string(),
        track_by_default: settings.track_by_default,
        mode: Some(settings.mode)
            .filter(|mode| *mode != Mode::default())
            .map(|mode| mode.name().to_owned()),
        tells_not: !settings.tells,
        strict: settings.strict,
        mark_untracked: settings.mark_untracked,
        keep_days: Some(settings.keep_days).filter(|days| *days != pages::KEEP_DAYS),
        track_days: Some(settings.track_days).filter(|days| *days != RECORDED_DAYS),
        notices: Some(NoticesRecord::new(settings.wishes, settings.hide_subjects)),
    };
    storage::local::set(KEY, &record).await?;
    Ok(())
}

/// The address that a page was given.
pub(crate) fn parse(backend: &str) -> Result<BackendUrl, Failure> {
    backend.parse().map_err(|_| Failure::InvalidBackend)
}
