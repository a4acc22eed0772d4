//! What the program says on standard error, and the one way to say it.
//!
//! A law keeps the code from logging in any other way: what happens ten thousand times a second
//! would otherwise fill the disk on which events wait.

use crate::log_throttle::LogThrottle;
use clap::ValueEnum;
use std::fmt;
use std::time::Instant;
use tracing_subscriber::filter::LevelFilter;

/// How much to log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum LogLevel {
    /// What stops the server or loses an event.
    Error,
    /// Also what an operator should change.
    Warn,
    /// Also start, stop and address.
    Info,
    /// Also what helps a developer. Never tokens, addresses or user agents.
    Debug,
}

/// Logs to standard error from now on, one line an event.
pub fn start(level: LogLevel) {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_target(false)
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .init();
}

/// Logs why the program ends.
pub fn failed(reason: &dyn fmt::Display) {
    write(LogLevel::Error, &format_args!("{reason}"));
}

/// `log!(Error, "format", …)`: logs a line, at most one a second from each place in the code. What
/// came in between is counted, and the next line says how often it happened. `log!(Warn hourly, …)`
/// is for what lasts until somebody mends it.
macro_rules! log {
    ($level:ident hourly, $($text:tt)+) => {{
        static THROTTLE: $crate::log_throttle::LogThrottle =
            $crate::log_throttle::LogThrottle::hourly();
        $crate::logging::throttled(
            $crate::logging::LogLevel::$level,
            &THROTTLE,
            &format_args!($($text)+),
        );
    }};
    ($level:ident, $($text:tt)+) => {{
        static THROTTLE: $crate::log_throttle::LogThrottle = $crate::log_throttle::LogThrottle::new();
        $crate::logging::throttled(
            $crate::logging::LogLevel::$level,
            &THROTTLE,
            &format_args!($($text)+),
        );
    }};
}
pub(crate) use log;

/// What [`log!`] does.
pub(crate) fn throttled(level: LogLevel, throttle: &LogThrottle, text: &fmt::Arguments<'_>) {
    match throttle.count(Instant::now()) {
        None => {}
        Some(1) => write(level, text),
        Some(times) => write(level, &format_args!("{text} ({times} times)")),
    }
}

fn write(level: LogLevel, text: &fmt::Arguments<'_>) {
    match level {
        LogLevel::Error => tracing::error!("{text}"),
        LogLevel::Warn => tracing::warn!("{text}"),
        LogLevel::Info => tracing::info!("{text}"),
        LogLevel::Debug => tracing::debug!("{text}"),
    }
}
