//! Where things are in Gmail's page: every selector that Kaifu knows, in one table.
//!
//! Gmail's element ids change with each load, its visible texts with the language, and its class
//! names one at a time. So nothing here hangs on an id, a text or a label, and each landmark has at
//! least two ways to be found that share no class.

use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, NodeList};

/// Something that Kaifu looks for in the page.
#[derive(Debug)]
pub(crate) struct Landmark {
    /// What it is called in a report.
    pub(crate) name: &'static str,
    /// The ways to find it, the best first.
    ways: &'static [&'static str],
}

impl Landmark {
    /// The first one in `root`, by the first way that finds any.
    pub(crate) fn find(&self, root: &Element) -> Option<Element> {
        self.read(root, Some)
    }

    /// What `read` makes of the first one in `root` by each way, by the first way that leads to
    /// something.
    pub(crate) fn read<T>(&self, root: &Element, read: impl Fn(Element) -> Option<T>) -> Option<T> {
        self.ways
            .iter()
            .find_map(|way| read(root.query_selector(way).ok()??))
    }

    /// All of them in `root`, by the first way that finds any.
    pub(crate) fn find_all(&self, root: &Element) -> Vec<Element> {
        self.ways
            .iter()
            .filter_map(|way| root.query_selector_all(way).ok())
            .find(|found| found.length() > 0)
            .map_or_else(Vec::new, |found| elements(&found))
    }

    /// All of them in `root`, by whichever way.
    pub(crate) fn find_by_any(&self, root: &Element) -> Vec<Element> {
        root.query_selector_all(&self.any())
            .map_or_else(|_| Vec::new(), |found| elements(&found))
    }

    /// Whether `element` is one.
    pub(crate) fn is(&self, element: &Element) -> bool {
        self.ways
            .iter()
            .any(|way| element.matches(way).unwrap_or(false))
    }

    /// The nearest one that `element` is or stands in.
    pub(crate) fn around(&self, element: &Element) -> Option<Element> {
        element.closest(&self.any()).ok().flatten()
    }

    /// Whether `element` is one or stands in one.
    pub(crate) fn is_around(&self, element: &Element) -> bool {
        self.around(element).is_some()
    }

    /// The first of the ways.
    pub(crate) const fn best(&self) -> &'static str {
        self.ways[0]
    }

    /// One selector for all the ways.
    pub(crate) fn any(&self) -> String {
        self.ways.join(",")
    }
}

/// The elements of a list, as a `Vec`.
pub(crate) fn elements(found: &NodeList) -> Vec<Element> {
    (0..found.length())
        .filter_map(|i| found.get(i)?.dyn_into().ok())
        .collect()
}

/// Whether `element` takes up room on the screen.
pub(crate) fn is_shown(element: &Element) -> bool {
    element
        .dyn_ref::<HtmlElement>()
        .is_some_and(|element| element.offset_parent().is_some())
}

/// The editor of an email, rich text.
pub(crate) const EDITOR: Landmark = Landmark {
    name: "editor",
    ways: &[
        "[g_editable='true'][contenteditable='true']",
        "[contenteditable='true'][role='textbox']",
        ".Am.editable",
    ],
};

/// The editor of an email, plain text. It is always there, and shown in plain text mode only.
pub(crate) const PLAIN_EDITOR: Landmark = Landmark {
    name: "plain text editor",
    ways: &["textarea.Ak", "textarea[form='nosend']"],
};

/// A field that only a compose form has.
pub(crate) const FORM_FIELD: Landmark = Landmark {
    name: "form field",
    ways: &[
        "input[name='subjectbox']",
        "input[name='composeid']",
        "form.bAs",
    ],
};

/// What tells that a compose form, or a missing part of one, has arrived. Looked for in everything
/// that Gmail adds to the page, so only selectors that cost next to nothing stand here.
pub(crate) const ARRIVAL: Landmark = Landmark {
    name: "arrival",
    ways: &[
        "[contenteditable='true']",
        "input[name='subjectbox']",
        "input[name='composeid']",
        ".aoO",
        "[jslog^='32601;']",
        "[role='group']",
    ],
};

/// The Send button.
pub(crate) const SEND: Landmark = Landmark {
    name: "send button",
    ways: &[
        ".dC .aoO",
        "[jslog^='32601;']",
        "[role='group'] [role='button']:not([aria-haspopup='true']):has(+ [role='button'][aria-haspopup='true'])",
        "[role='group'] td:first-child [role='button']:not([aria-haspopup='true']):not(.Uo)",
    ],
};

/// The button that sends a reply and archives its conversation.
pub(crate) const SEND_AND_ARCHIVE: Landmark = Landmark {
    name: "send and archive button",
    ways: &[
        ".IZ .Up .Uo",
        "td:has(.dC .aoO,[jslog^='32601;']):not(:has(td,[command])) [role='button']:not([aria-haspopup='true'],.aoO,[jslog^='32601;'])",
    ],
};

/// What Send stands in, if the form's buttons are laid out in a table. A cell with cells or with
/// other tools in it is a part of the whole form.
pub(crate) const SEND_CELL: Landmark = Landmark {
    name: "send cell",
    ways: &["td:not(:has(td,[role='group'],[command]))"],
};

/// The button for Gmail's confidential mode, pressed while it is on.
pub(crate) const CONFIDENTIAL: Landmark = Landmark {
    name: "confidential mode",
    ways: &["[command='locker']", "[aria-pressed]:has(.buc)"],
};

/// Gmail's sync id of a compose's draft: the value of the field of that name, or a part of the log
/// of the Send button or of the form. Other fields name other messages: the one that is answered may
/// be one's own, and looks the same.
pub(crate) const DRAFT_ID: Landmark = Landmark {
    name: "draft id",
    ways: &[
        "input[type='hidden'][name='draft']",
        "[jslog^='32601;'][jslog*='; 11:']",
        "[jslog*='; 11:']",
    ],
};

/// Gmail's sync id of a compose's conversation: the value of a field, or a part of a log.
pub(crate) const THREAD_ID: Landmark = Landmark {
    name: "conversation id",
    ways: &[
        "input[type='hidden'][name='rt']",
        "[jslog^='32601;'][jslog*='; 11:']",
        "[jslog*='; 11:']",
    ],
};

/// The subject that the user types.
pub(crate) const SUBJECT: Landmark = Landmark {
    name: "subject",
    ways: &[
        "input[name='subjectbox']",
        "input.aoT",
        "input[name='subject']",
    ],
};

/// A recipient that stands as a chip in the form.
pub(crate) const RECIPIENT_CHIP: Landmark = Landmark {
    name: "recipient",
    ways: &[
        ":is([name='to'],[name='cc'],[name='bcc']) [role='option'][data-hovercard-id*='@']",
        ".vR [email*='@']",
    ],
};

/// A recipient field of the older form.
pub(crate) const RECIPIENT_FIELD: Landmark = Landmark {
    name: "recipient field",
    ways: &[
        ".vR > input[type='hidden']",
        "form input[type='hidden']:is([name='to'],[name='cc'],[name='bcc'])",
    ],
};

/// An address that was typed but has not become a chip yet.
pub(crate) const RECIPIENT_TYPED: Landmark = Landmark {
    name: "typed recipient",
    ways: &[
        ":is([name='to'],[name='cc'],[name='bcc']) input[role='combobox']",
        "form [role='combobox']",
        "textarea.vO",
    ],
};

/// The quoted part of an email.
pub(crate) const QUOTE: Landmark = Landmark {
    name: "quote",
    ways: &[
        ".gmail_quote",
        "[class*='gmail_quote_container']",
        "blockquote[type='cite']",
    ],
};

/// The signature that Gmail puts behind what is typed, with the dashes before it.
pub(crate) const SIGNATURE: Landmark = Landmark {
    name: "signature",
    ways: &[
        ".gmail_signature_prefix, .gmail_signature",
        "[data-smartmail='gmail_signature']",
    ],
};

/// Gmail saying no to a send.
pub(crate) const REFUSAL: Landmark = Landmark {
    name: "refusal",
    ways: &["[role='alertdialog']", ".Kj-JD"],
};

/// A dialog of any kind.
pub(crate) const DIALOG: Landmark = Landmark {
    name: "dialog",
    ways: &["[role='dialog']", ".Kj-JD"],
};

/// The item of a form's menu that asks for a time to send at. The menu stands outside of the form.
pub(crate) const LATER: Landmark = Landmark {
    name: "schedule item",
    ways: &["[selector='scheduledSend']", "[role='menuitem'].yr"],
};

/// What chooses the time, in dialogs outside of the form: a time that is offered, or the button below
/// the fields for date and time.
pub(crate) const TIME: Landmark = Landmark {
    name: "time to send at",
    ways: &[
        "[role='dialog']:not(:has([contenteditable])) :is([role='menuitem'],[selector='scheduledSend'])",
        "[role='dialog']:not(:has([contenteditable])):has(input) button:not([name='cancel'])",
        ".Kj-JD .Az",
    ],
};

/// The fields for date and time.
pub(crate) const TIME_FIELDS: Landmark = Landmark {
    name: "fields of the time to send at",
    ways: &["[role='dialog']:has(input):not(:has([contenteditable]))"],
};

/// The link that takes a send back, which stands first; its `param` is the conversation's sync id.
pub(crate) const UNDO: Landmark = Landmark {
    name: "undo link",
    ways: &[
        "[role='alert'] [param^='#thread-']:not([param] ~ *)",
        ".bAo [param]:not([param] ~ *)",
    ],
};

/// The node in a list's row that names the row's conversation. It stands twice in a row: in the
/// text for screen readers, and around the subject.
pub(crate) const ROW_ID: Landmark = Landmark {
    name: "conversation of a row",
    ways: &["[data-thread-id]", "tr span[data-legacy-thread-id]"],
};

/// The node in a list's row that names the draft which is all that the row's conversation has.
pub(crate) const DRAFT_ROW: Landmark = Landmark {
    name: "draft of a row",
    ways: &["[data-standalone-draft-id]"],
};

/// A row of a list. In the vertical layout up to three of them stand for one conversation.
pub(crate) const ROW: Landmark = Landmark {
    name: "row",
    ways: &["tr", "[role='row']"],
};

/// What names the conversation that is shown.
pub(crate) const CONVERSATION_ID: Landmark = Landmark {
    name: "conversation",
    ways: &["[data-thread-perm-id]", "h2[data-legacy-thread-id]"],
};

/// A message of a conversation.
pub(crate) const MESSAGE: Landmark = Landmark {
    name: "message",
    ways: &[
        "[data-message-id]",
        "[role='listitem'] [data-legacy-message-id]",
    ],
};

/// Where a message's date stands.
pub(crate) const MESSAGE_DATE: Landmark = Landmark {
    name: "message date",
    ways: &[
        ".gH .g3",
        "table [role='gridcell'][title]",
        ".gK > span[title]",
    ],
};

/// An image whose address may be one of ours, raw or behind Gmail's proxy.
pub(crate) const IMAGE: Landmark = Landmark {
    name: "image",
    ways: &["img[src*='/p/']"],
};

/// The account menu, whose label holds the mailbox's address.
pub(crate) const ACCOUNT: Landmark = Landmark {
    name: "account",
    ways: &[
        "[role='banner'] a[href*='SignOutOptions']",
        "[role='banner'] a[aria-label*='@']",
    ],
};

/// Our own elements in Gmail's page.
pub(crate) const OWN_ELEMENT: &str = "[data-kaifu]";

/// Our marks beside messages.
pub(crate) const MARK: &str = "[data-kaifu='mark']";
