//! One function for each call that the worker answers, a module for each part of the extension's
//! face: what is asked for is put together here, and nothing is decided here that a room below can.

pub(crate) mod check;
mod connection;
pub(crate) mod data;
pub(crate) mod first;
pub(crate) mod gmail;
pub(crate) mod marks;
pub(crate) mod overview;
pub(crate) mod report;
pub(crate) mod settings;
