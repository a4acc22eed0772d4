//! The JSON of everything that crosses a process: a change of it shows in review.

#[cfg(test)]
mod api;
#[cfg(test)]
mod content;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod report;

#[cfg(test)]
use serde::{Serialize, de::DeserializeOwned};
#[cfg(test)]
use std::fmt::Debug;

/// Says that `value` reads back as it was written, and gives it on.
#[cfg(test)]
fn round<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T) -> T {
    let json = serde_json::to_string(&value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&json).unwrap(), value, "{json}");
    value
}
