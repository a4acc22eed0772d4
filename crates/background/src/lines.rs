//! What the line of an email says, in every language that Kaifu speaks.

use kaifu_chrome::{ChromeError, i18n, runtime};
use kaifu_core::mail::mode::Mode;
use kaifu_l10n::language;
use std::cell::RefCell;

thread_local! {
    /// What was read from the extension's own files, which do not change while the worker lives.
    static READ: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Core's `line::TEXTS` of all languages, the browser's own first.
pub(crate) async fn all() -> Vec<String> {
    if READ.with_borrow(Vec::is_empty) {
        let read = read().await;
        READ.set(read);
    }
    READ.with_borrow(Clone::clone)
}

async fn read() -> Vec<String> {
    let own = i18n::text("locale_language");
    let others = language::ALL.iter().filter(|other| **other != own);
    let mut all = Vec::new();
    for language in std::iter::once(own.as_str()).chain(others.copied()) {
        // One whose file is gone is one that is not offered.
        if let Ok(texts) = texts_in(language).await {
            all.push(language.to_owned());
            all.push(texts.text("locale_name"));
            all.push(texts.text("line_signs"));
            all.extend(Mode::ALL.map(|mode| texts.text(key(mode))));
        }
    }
    all
}

async fn texts_in(language: &str) -> Result<i18n::Texts, ChromeError> {
    let address = runtime::url(&i18n::file(language))?;
    i18n::texts_at(&address).await
}

const fn key(mode: Mode) -> &'static str {
    match mode {
        Mode::Image => "line_image",
        Mode::Receipt => "line_receipt",
        Mode::Both => "line_both",
        Mode::Consent => "line_consent",
    }
}
