//! The words without a browser: what the locale files have, and what is made of them.

#[cfg(test)]
mod locale;
#[cfg(test)]
mod phrases;
#[cfg(test)]
mod words;
