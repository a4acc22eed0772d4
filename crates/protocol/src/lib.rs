//! The shapes that cross a process in Kaifu.
//!
//! [`api`] is what the server and the extension say over HTTP; [`content`] and [`pages`] are what
//! the extension's parts say to its background worker, one module per trust level: a web page's tab
//! may only send what [`content`] holds. [`report`] is what the report page is told. [`held`] is the shape of every answer that waits for news. What stands here is a promise; core's own types stay free
//! to change.

pub mod api;
pub mod call;
pub mod content;
pub mod held;
pub mod ids;
mod outcome;
pub mod page;
pub mod pages;
pub mod panel;
pub mod report;
pub mod state;
