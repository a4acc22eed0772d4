//! The laws of the workspace. Each is a function over parsed input that lists what breaks it, with a
//! test of its own that shows how it fails.

#![cfg(test)]

mod boot;
mod budget;
mod core_alone;
mod dependencies;
mod licences;
mod links;
mod locales;
mod logging;
mod manifest;
mod modules;
mod pinned;
mod privacy;
mod repository;
mod text;
mod unused;

/// Fails the calling test with one line for each broken law.
fn assert_kept(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}
