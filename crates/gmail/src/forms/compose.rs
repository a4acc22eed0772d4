//! A compose form in the page, and what can be read from it.

use crate::page::dom::attribute;
use crate::page::selectors::{
    CONFIDENTIAL, DRAFT_ID, EDITOR, FORM_FIELD, Landmark, PLAIN_EDITOR, RECIPIENT_CHIP,
    RECIPIENT_FIELD, RECIPIENT_TYPED, SEND, SEND_AND_ARCHIVE, SUBJECT, THREAD_ID, is_shown,
};
use kaifu_core::gmail::id::{DraftId, GmailId as _, ThreadId, logged};
use kaifu_protocol::content::Recipient;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlInputElement, HtmlTextAreaElement};

/// A compose form. Gmail moves its elements about and refills them, so nothing but the root is
/// kept; everything else is looked up when it is needed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Compose {
    root: Element,
}

impl Compose {
    /// Every compose form in `scope`.
    pub(crate) fn all_in(scope: &Element) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        let anchors = EDITOR
            .find_by_any(scope)
            .into_iter()
            .chain(FORM_FIELD.find_by_any(scope));
        for anchor in anchors {
            if !found
                .iter()
                .any(|compose| compose.root.contains(Some(&anchor)))
            {
                found.extend(Self::around(&anchor));
            }
        }
        found
    }

    /// The compose form that `element` stands in: the smallest element around it that has an
    /// editor, a form field and a Send button. One that has two of them is more than one form, and
    /// one of those may not be complete yet.
    pub(crate) fn around(element: &Element) -> Option<Self> {
        let mut root = element.clone();
        loop {
            if SEND.find(&root).is_some()
                && FORM_FIELD.find(&root).is_some()
                && let editors = EDITOR.find_all(&root).len()
                && editors > 0
            {
                let is_one = editors == 1 && FORM_FIELD.find_all(&root).len() == 1;
                return is_one.then_some(Self { root });
            }
            root = root.parent_element()?;
        }
    }

    /// Whether the form is still part of the page.
    pub(crate) fn is_open(&self) -> bool {
        self.root.is_connected()
    }

    /// Whether `element` is part of the form.
    pub(crate) fn holds(&self, element: &Element) -> bool {
        self.root.contains(Some(element))
    }

    /// The rich text editor.
    pub(crate) fn editor(&self) -> Option<Element> {
        EDITOR.find(&self.root)
    }

    /// The plain text editor.
    pub(crate) fn plain_editor(&self) -> Option<Element> {
        PLAIN_EDITOR.find(&self.root)
    }

    /// Whether the email is plain text, which cannot carry an image; `None` while neither editor is
    /// shown.
    pub(crate) fn is_plain_text(&self) -> Option<bool> {
        let shown = |editor: Option<Element>| editor.is_some_and(|editor| is_shown(&editor));
        if shown(self.editor()) {
            Some(false)
        } else {
            shown(self.plain_editor()).then_some(true)
        }
    }

    /// The button for confidential mode.
    pub(crate) fn confidential_button(&self) -> Option<Element> {
        CONFIDENTIAL.find(&self.root)
    }

    /// Whether the email's text stays with Gmail, and its recipients get a view of it only.
    pub(crate) fn is_confidential(&self) -> bool {
        self.confidential_button()
            .and_then(|button| attribute(&button, "aria-pressed"))
            .is_some_and(|pressed| pressed == "true")
    }

    /// The Send button.
    pub(crate) fn send_button(&self) -> Option<Element> {
        SEND.find(&self.root)
    }

    /// Whether `element` is, or stands in, a button that sends this email.
    pub(crate) fn is_send(&self, element: &Element) -> bool {
        [SEND.find(&self.root), SEND_AND_ARCHIVE.find(&self.root)]
            .into_iter()
            .flatten()
            .any(|button| button.contains(Some(element)))
    }

    /// Gmail's sync id of the draft, such as `msg-a:r123`; `None` until it has one.
    pub(crate) fn draft(&self) -> Option<DraftId> {
        DraftId::parse(&self.id(&DRAFT_ID, |text| DraftId::parse(text).is_some())?)
    }

    /// Gmail's sync id of the conversation, such as `thread-a:r123`.
    pub(crate) fn thread(&self) -> Option<ThreadId> {
        ThreadId::parse(&self.id(&THREAD_ID, |text| ThreadId::parse(text).is_some())?)
    }

    /// A spelling of an id. Once for all kinds of ids, as each copy would weigh some 300 bytes.
    fn id(&self, landmark: &Landmark, is_id: fn(&str) -> bool) -> Option<String> {
        landmark.read(&self.root, |element| match value(&element) {
            Some(text) => is_id(&text).then_some(text),
            None => logged(&attribute(&element, "jslog")?, is_id),
        })
    }

    /// The subject; empty where there is none.
    pub(crate) fn subject(&self) -> String {
        SUBJECT
            .find(&self.root)
            .and_then(|field| value(&field))
            .unwrap_or_default()
    }

    /// Whom the email goes to: to, cc and bcc, each address once.
    pub(crate) fn recipients(&self) -> Vec<Recipient> {
        let chips = RECIPIENT_CHIP
            .find_all(&self.root)
            .into_iter()
            .filter_map(|chip| {
                let address =
                    attribute(&chip, "data-hovercard-id").or_else(|| attribute(&chip, "email"))?;
                let name = attribute(&chip, "data-name").or_else(|| attribute(&chip, "name"));
                Some(Recipient {
                    address,
                    name: name.unwrap_or_default(),
                })
            });
        let fields = RECIPIENT_FIELD
            .find_all(&self.root)
            .into_iter()
            .chain(RECIPIENT_TYPED.find_all(&self.root))
            .filter_map(|field| value(&field))
            .flat_map(|text| {
                text.split([',', ';'])
                    .filter_map(recipient)
                    .collect::<Vec<_>>()
            });
        let mut recipients: Vec<Recipient> = Vec::new();
        for recipient in chips.chain(fields) {
            let known = |other: &Recipient| other.address.eq_ignore_ascii_case(&recipient.address);
            if !recipients.iter().any(known) {
                recipients.push(recipient);
            }
        }
        recipients
    }
}

fn value(field: &Element) -> Option<String> {
    let value = match field.dyn_ref::<HtmlInputElement>() {
        Some(input) => input.value(),
        None => field.dyn_ref::<HtmlTextAreaElement>()?.value(),
    };
    (!value.trim().is_empty()).then_some(value)
}

/// Reads `Name <address>` or a bare address.
fn recipient(text: &str) -> Option<Recipient> {
    let (name, address) = match text.rsplit_once('<') {
        Some((name, rest)) => (name.trim().trim_matches('"'), rest.split_once('>')?.0),
        None => ("", text),
    };
    let address = address.trim();
    (address.contains('@') && !address.contains(|c: char| c.is_ascii_whitespace())).then(|| {
        Recipient {
            address: address.to_owned(),
            name: name.to_owned(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::recipient;

    #[test]
    fn recipients_are_read_from_their_field() {
        for (text, expected) in [
            ("Ann <ann@example.com>", Some(("Ann", "ann@example.com"))),
            (
                "\"Ann B.\" <ann@example.com>",
                Some(("Ann B.", "ann@example.com")),
            ),
            (" ann@example.com ", Some(("", "ann@example.com"))),
            ("Ann", None),
            ("ann @example.com", None),
            ("Ann <ann@example.com", None),
            ("", None),
        ] {
            let read = recipient(text);
            assert_eq!(
                read.as_ref()
                    .map(|found| (found.name.as_str(), found.address.as_str())),
                expected,
                "{text}"
            );
        }
    }
}
