//! The server as its clients meet it: a real process or listener, and a real database file.

#![expect(clippy::unwrap_used, reason = "whatever fails in a test ends the test")]

mod accounts;
mod acme;
mod authority;
mod client;
mod commands;
mod crash;
mod cut;
mod damage;
mod database;
mod flood;
mod fuzz;
mod http;
mod inside;
mod openapi;
mod opens;
mod operators;
mod parking;
mod pixel;
mod postgres;
mod process;
mod read_only;
mod recipient;
mod secure;
mod tls;
mod traces;
mod trouble;
mod upgrade;
