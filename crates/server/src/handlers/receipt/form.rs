//! What the recipient's page sends, and what its address asks it to say.

use crate::pages::{Notice, Undo};
use kaifu_core::seal::SEALED_LEN;
use std::sync::Arc;

/// What the page's form brings.
#[derive(Default)]
pub(super) struct Form {
    pub(super) nonce: String,
    sealed: String,
    pub(super) of: String,
    pub(super) proof: String,
}

impl Form {
    /// Reads a body in the form's own encoding; what else is in it is ignored.
    pub(super) fn of(body: &str) -> Self {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(body.as_bytes()) {
            let field = match &*name {
                "nonce" => &mut form.nonce,
                "sealed" => &mut form.sealed,
                "of" => &mut form.of,
                "proof" => &mut form.proof,
                _ => continue,
            };
            *field = value.into_owned();
        }
        form
    }

    /// The name, if the page's own script sealed it: anything else may be a name in clear.
    pub(super) fn sealed(self) -> Option<Arc<str>> {
        let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let is_sealed = self.sealed.len() == SEALED_LEN && self.sealed.bytes().all(is_base64url);
        is_sealed.then(|| self.sealed.into())
    }
}

/// What the page's address asks it to say.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) notice: Notice,
    pub(super) undo: Option<Undo>,
}

impl From<Notice> for Asked {
    fn from(notice: Notice) -> Self {
        Self { notice, undo: None }
    }
}

impl Asked {
    /// Reads a query such as `done=read&of=…&proof=…`.
    pub(super) fn of(query: &str) -> Self {
        let (mut notice, mut of, mut proof) = (Notice::None, None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "done" => notice = Notice::named(&value),
                "of" => of = Some(value.into_owned()),
                "proof" => proof = Some(value.into_owned()),
                _ => {}
            }
        }
        let undo = of.zip(proof).map(|(of, proof)| Undo { of, proof });
        Self { notice, undo }
    }

    pub(super) fn query(&self) -> String {
        let done = match self.notice {
            Notice::None => return String::new(),
            Notice::Done(button) => button.name(),
            Notice::Unsure => "unsure",
            Notice::Stale => "stale",
            Notice::Late => "late",
        };
        let undo = self.undo.as_ref();
        let undo = undo.map(|undo| format!("&of={}&proof={}", undo.of, undo.proof));
        format!("?done={done}{}", undo.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_sealed_is_taken_for_a_name() {
        let sealed = "aZ09-_".repeat(64)[..SEALED_LEN].to_owned();
        for (given, is_taken) in [
            (sealed.clone(), true),
            (sealed[1..].to_owned(), false),
            (format!("{sealed}A"), false),
            (sealed.replacen('-', "+", 1), false),
            ("Suzuki".to_owned(), false),
            (String::new(), false),
        ] {
            let form = Form::of(&format!("nonce=1&sealed={given}&x=y"));
            assert_eq!(form.nonce, "1");
            assert_eq!(form.sealed().is_some(), is_taken, "{given}");
        }
    }

    #[test]
    fn an_address_is_read_as_it_was_written() {
        for query in [
            "",
            "?done=read&of=A&proof=1.B",
            "?done=refuse",
            "?done=unsure",
            "?done=stale",
            "?done=late",
        ] {
            let asked = Asked::of(query.trim_start_matches('?'));
            assert_eq!(asked.query(), query);
        }
        for query in ["done=", "done=readx", "x=1"] {
            assert_eq!(Asked::of(query).query(), "", "{query}");
        }
    }
}
