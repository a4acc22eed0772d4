//! The server as its clients meet it: a real process or listener, and a real database file.

#![expect(clippy::unwrap_used, reason = "whatever fails in a test ends the test")]

mod accounts;
mod acme;
mod authority;
mod client;
mod commands;
mod connections;
mod corruption;
mod crash;
mod database;
mod doctor;
mod embedded;
mod events;
mod failover;
mod failures;
mod flood;
mod fuzz;
mod http;
mod keys;
mod metrics;
mod openapi;
mod outage;
mod pixel;
mod polls;
mod postgres;
mod privacy;
mod process;
mod proxies;
mod read_only;
mod recipient;
mod refused;
mod replay;
mod restore;
mod searches;
mod secure;
mod shares;
mod startup;
mod stores;
mod sync;
mod tls;
mod tokens;
mod upgrade;
mod weeks;
