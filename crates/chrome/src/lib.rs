//! The only bindings to chrome.*, and safe wrappers over them.
