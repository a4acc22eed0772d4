//! The server: records when a tracking image is fetched and tells the account that minted it.
//!
//! One process with an embedded database serves everything. It keeps a verdict about each fetch and
//! never an address or user agent.

pub use client_address::TrustedProxy;
pub use clock::Clock;
pub use failure::Failure;
pub use startup::serve;

pub mod cli;
pub mod logging;
pub mod settings;

mod app;
mod client_address;
mod clock;
mod connection;
mod data_dir;
mod failure;
mod handlers;
mod http;
mod keys;
mod log_throttle;
mod metrics;
mod pages;
mod rate_limit;
mod recorder;
mod reload;
mod router;
mod site;
mod startup;
mod store;
mod tasks;
mod tls;
mod waiters;
