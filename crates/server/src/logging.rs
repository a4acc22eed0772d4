//! What the program says on standard error.

use clap::ValueEnum;
use tracing_subscriber::filter::LevelFilter;

/// How much to log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
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
