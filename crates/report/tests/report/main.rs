//! The report page without a browser: what it asks, shows and saves.

#[cfg(test)]
mod export;
#[cfg(test)]
#[path = "../../../l10n/tests/l10n/locale.rs"]
mod locale;
#[cfg(test)]
mod model;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod view;
