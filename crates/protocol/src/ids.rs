//! Gmail's ids where they cross a process, or are kept: as their text. For `#[serde(with = …)]`.

use kaifu_core::gmail::id::GmailId;

use serde::{Deserialize as _, Deserializer, Serializer};

fn parse<T: GmailId, E: serde::de::Error>(text: &str) -> Result<T, E> {
    match T::parse(text) {
        Some(id) => Ok(id),
        None => Err(no_id()),
    }
}

/// Apart from [`parse`], so that it is compiled once for all kinds of ids.
#[cold]
#[inline(never)]
fn no_id<E: serde::de::Error>() -> E {
    E::custom("not an id of Gmail's")
}

/// Writes an id.
///
/// # Errors
///
/// Those of the serializer.
pub fn serialize<T: GmailId, S: Serializer>(id: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(id.as_ref())
}

/// Reads an id.
///
/// # Errors
///
/// What is no text, or no id of this kind.
pub fn deserialize<'de, T: GmailId, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    parse(&String::deserialize(deserializer)?)
}

/// The same for an id that may be missing.
pub mod option {
    use super::{Deserializer, GmailId, Serializer, parse};
    use serde::Deserialize as _;

    /// Writes an id, or nothing.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    pub fn serialize<T: GmailId, S: Serializer>(
        id: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match id {
            Some(id) => serializer.serialize_some(id.as_ref()),
            None => serializer.serialize_none(),
        }
    }

    /// Reads an id, or nothing.
    ///
    /// # Errors
    ///
    /// As [`super::deserialize`].
    pub fn deserialize<'de, T: GmailId, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| parse(&text)).transpose()
    }
}

/// The same for a list of ids.
pub mod list {
    use super::{Deserializer, GmailId, Serializer, parse};
    use serde::Deserialize as _;

    /// Writes a list of ids.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    pub fn serialize<T: GmailId, S: Serializer>(
        ids: &[T],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(ids.iter().map(AsRef::as_ref))
    }

    /// Reads a list of ids.
    ///
    /// # Errors
    ///
    /// As [`super::deserialize`], for any of them.
    pub fn deserialize<'de, T: GmailId, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<T>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        texts.iter().map(|text| parse(text)).collect()
    }
}
