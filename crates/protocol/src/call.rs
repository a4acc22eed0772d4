//! Ties a request to its reply, so that a wrong reply type does not compile.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A request to the background worker.
pub trait Call: Into<Self::Request> {
    /// The enum of everything that this sender may ask.
    type Request: Serialize;
    /// What a success answers.
    type Reply: Serialize + DeserializeOwned;
}

/// Why the worker could not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The request was not understood, or its sender may not ask it.
    #[error("the request was not understood")]
    Malformed,
    /// The browser's storage refused.
    #[error("storage failed: {0}")]
    Storage(String),
    /// There is no room left on the disk, or in the browser's share of it.
    #[error("the disk is full")]
    Full,
    /// The server's address cannot be used.
    #[error("the server's address cannot be used")]
    InvalidBackend,
    /// The server is on the internet, and its address begins with `http://`.
    #[error("plain http is for this computer and private networks only")]
    InsecureBackend,
    /// A server did not do what it was asked.
    #[error("a server did not do what it was asked")]
    Unanswered,
    /// There are emails already, which what was asked for would part from their accounts.
    #[error("there are emails already")]
    NotEmpty,
    /// The user has not granted access to the server's host.
    #[error("access to the server's host was not granted")]
    HostNotGranted,
}

/// The content of a request, in whatever form it came.
pub trait Content {
    /// Why it cannot be read.
    type Error;

    /// Reads it.
    ///
    /// # Errors
    ///
    /// When it does not have the shape of `T`.
    fn read<T: DeserializeOwned>(self) -> Result<T, Self::Error>;
}

/// Declares the requests that one kind of sender may make: a struct each, and their enum.
macro_rules! calls {
    ($(#[$doc:meta])* $request:ident { $($name:ident -> $reply:ty),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "call", rename_all = "snake_case")]
        #[expect(missing_docs, reason = "each variant is documented at the struct it holds")]
        pub enum $request {
            $($name($name),)+
        }

        impl $request {
            /// Reads the request of that name; `None` where there is none of it.
            ///
            /// serde would read the name and the content at once, for which it first copies all of
            /// the content into a form of its own: a tenth of the worker is code for that.
            pub fn read<C: crate::call::Content>(
                name: &str,
                content: C,
            ) -> Option<Result<Self, C::Error>> {
                #[derive(serde::Deserialize)]
                #[serde(rename_all = "snake_case")]
                enum Name {
                    $($name),+
                }
                let name = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(name);
                let name: Name = serde::Deserialize::deserialize(name).ok()?;
                Some(match name {
                    $(Name::$name => content.read().map(Self::$name),)+
                })
            }
        }

        $(
            impl From<$name> for $request {
                fn from(call: $name) -> Self {
                    Self::$name(call)
                }
            }

            impl crate::call::Call for $name {
                type Request = $request;
                type Reply = $reply;
            }
        )+
    };
}

pub(crate) use calls;
