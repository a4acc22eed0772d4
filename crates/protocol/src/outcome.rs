//! The mirror of core's words for what became of a press.

use crate::content::{Origin, Outcome, Signal};
use crate::pages::Later;
use kaifu_core::outcome as core;

macro_rules! mirror {
    ($name:ident { $($variant:ident),+ }) => {
        impl From<core::$name> for $name {
            fn from(value: core::$name) -> Self {
                match value { $(core::$name::$variant => Self::$variant),+ }
            }
        }

        impl From<$name> for core::$name {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => Self::$variant),+ }
            }
        }
    };
}

mirror!(Outcome {
    Sent,
    Scheduled,
    Refused,
    Undone,
    Untracked,
    Cancelled
});
mirror!(Origin {
    Server,
    Sender,
    Other
});
mirror!(Signal {
    Wire,
    Toast,
    List,
    Form,
    Dialog,
    Typing,
    Editor,
    Fetch
});

impl From<core::Later> for Later {
    fn from(later: core::Later) -> Self {
        match later {
            core::Later::Timed(_) => Self::Timed,
            core::Later::Untimed => Self::Untimed,
        }
    }
}
