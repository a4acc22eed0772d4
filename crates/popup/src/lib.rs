//! The popup: what was opened, and when.
