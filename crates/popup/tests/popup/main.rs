//! The popup without a browser: what it shows and says.

#[cfg(test)]
mod details;
#[cfg(test)]
mod event;
mod groups;
#[cfg(test)]
mod list;
#[cfg(test)]
mod live_region;
#[cfg(test)]
#[path = "../../../l10n/tests/l10n/locale.rs"]
mod locale;
#[cfg(test)]
mod row;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod trying;
