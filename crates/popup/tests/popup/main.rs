//! The popup without a browser: what it shows, says and lets through.

#[cfg(test)]
mod sample;
mod settings;
mod view;
