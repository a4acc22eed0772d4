//! The content script: Kaifu in Gmail's page.
