//! The tracking switch beside Send, and the line that says when something is wrong.

use crate::page::dom::{drawing, element, listen};
use crate::page::selectors::{OWN_ELEMENT, SEND_CELL, elements};
use crate::session::{Session, Unready};
use gloo_events::{EventListener, EventListenerOptions};
use kaifu_chrome::i18n::text;
use kaifu_core::mail::mode::Mode;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// The eye, open or struck through by the style sheet.
const EYE: &str = "M12 5C6.5 5 2.7 9.2 1.5 12c1.2 2.8 5 7 10.5 7s9.3-4.2 10.5-7C21.3 9.2 17.5 5 12 \
    5zm0 11.5a4.5 4.5 0 1 1 0-9 4.5 4.5 0 0 1 0 9zm0-2.2a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6z";

/// What opens the panel of the email's choices.
const MORE: &str = "\u{25be}";

/// What the switch shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    /// The email will be tracked like this.
    On(Mode),
    /// It will not.
    Off,
    /// It cannot be: nothing can at present.
    Unready(Unready),
    /// It cannot be: plain text carries no image.
    PlainText,
    /// It cannot be: the text of a confidential email stays with Gmail.
    Confidential,
    /// It will be, as always to its recipient.
    Always,
    /// It is not: one of its recipients does not want to be tracked.
    Declined,
    /// It is not: the user never tracks one of its recipients.
    Never,
}

impl Face {
    /// The key of the text that says what it is, and why.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::On(Mode::Image | Mode::Both) => "toggle_on_title",
            Self::On(Mode::Receipt) => "toggle_on_receipt",
            Self::On(Mode::Consent) => "toggle_on_consent",
            Self::Off => "toggle_off_title",
            Self::Unready(Unready::NoAccount) => "toggle_unready",
            Self::Unready(Unready::Refused) => "toggle_refused",
            Self::Unready(Unready::NoStorage) => "toggle_no_storage",
            Self::Unready(Unready::NotAgreed) => "toggle_not_agreed",
            Self::PlainText => "toggle_plain_text",
            Self::Confidential => "toggle_confidential",
            Self::Always => "toggle_always",
            Self::Declined => "toggle_declined",
            Self::Never => "toggle_never",
        }
    }

    /// Whether the email will be tracked.
    pub(crate) const fn is_on(self) -> bool {
        matches!(self, Self::On(_) | Self::Always)
    }

    /// Whether the user can turn it on or off.
    pub(crate) const fn is_free(self) -> bool {
        self.is_on() || matches!(self, Self::Off)
    }
}

/// What the line beside the switch says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// The email was not tracked.
    NotTracked,
    /// There is no account yet, as the server was never reached.
    NoAccount,
    /// The email can be tracked, and the server does not answer.
    Offline,
}

impl Status {
    /// What is wrong with the server, of an email whose switch shows `face`. Only a worker that was
    /// heard can say that there is no account.
    pub(crate) fn of_server(face: Face, session: &Session) -> Option<Self> {
        match face {
            Face::Unready(Unready::NoAccount) if session.is_heard() => Some(Self::NoAccount),
            Face::On(mode) if !mode.has_image() => None,
            _ if face.is_on() && session.is_unreachable() => Some(Self::Offline),
            _ => None,
        }
    }

    /// Whether it is about the server, and not about the email.
    pub(crate) const fn is_of_server(self) -> bool {
        matches!(self, Self::NoAccount | Self::Offline)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::NotTracked => "not-tracked",
            Self::NoAccount | Self::Offline => "offline",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::NotTracked => "status_not_tracked",
            Self::NoAccount => "toggle_unready",
            Self::Offline => "status_offline",
        }
    }
}

/// The switch in one compose form, and the button beside it. Dropping it takes both out of the page.
#[derive(Debug)]
pub(crate) struct Toggle {
    cell: Element,
    column: Option<Element>,
    button: Element,
    options: Element,
    status: Element,
    _listeners: [[EventListener; 3]; 2],
}

impl Toggle {
    /// Puts a switch beside `send`; `pressed` runs when the user presses it, `opened` when they press the
    /// button that opens the panel.
    pub(crate) fn beside(
        send: &Element,
        pressed: Box<dyn Fn()>,
        opened: Box<dyn Fn()>,
    ) -> Option<Self> {
        let (cell, column) = place(send)?;
        let index = send.get_attribute("tabindex");
        let index = index.as_deref().unwrap_or("0");
        let button = button(&cell, index, "toggle", "toggle_label")?;
        button.set_attribute("role", "switch").ok()?;
        let strike = ("kaifu-strike", "M4 3 21 20");
        let icon = drawing("0 0 24 24", &[("kaifu-eye", EYE), strike])?;
        button.append_child(&icon).ok()?;
        let options = self::button(&cell, index, "options", "options_label")?;
        options.set_attribute("aria-haspopup", "dialog").ok()?;
        options.set_text_content(Some(MORE));
        let status = element("span", &[("role", "status")])?;
        cell.append_child(&status).ok()?;
        let listeners = [on_press(&button, pressed), on_press(&options, opened)];
        Some(Self {
            cell,
            column,
            button,
            options,
            status,
            _listeners: listeners,
        })
    }

    /// The button that opens the panel.
    pub(crate) const fn options(&self) -> &Element {
        &self.options
    }

    /// Whether something else took the switch out of the page.
    pub(crate) fn is_detached(&self) -> bool {
        !self.cell.is_connected()
    }

    /// Whether the switch is where it was put.
    pub(crate) fn is_in_place(&self, send: &Element) -> bool {
        self.cell.is_connected()
            && self
                .cell
                .parent_element()
                .is_some_and(|row| row.contains(Some(send)))
    }

    /// Shows `face`.
    pub(crate) fn show(&self, face: Face) {
        let title = text(face.title());
        let is_on = face.is_on();
        let checked = if is_on { "true" } else { "false" };
        let disabled = !face.is_free();
        for (name, value) in [
            ("aria-checked", checked),
            ("aria-disabled", if disabled { "true" } else { "false" }),
            ("title", &title),
        ] {
            if self.button.get_attribute(name).as_deref() != Some(value) {
                // An attribute that cannot be set leaves the switch as it was, which is no harm.
                let _ = self.button.set_attribute(name, value);
            }
        }
    }

    /// Says `status` beside the switch, or nothing.
    pub(crate) fn say(&self, status: Option<Status>) {
        let Some(status) = status else {
            let _ = self.status.remove_attribute("data-kaifu");
            let _ = self.status.remove_attribute("title");
            self.status.set_text_content(None);
            return;
        };
        for (name, value) in [
            ("data-kaifu", "status"),
            ("data-kaifu-state", status.name()),
        ] {
            let _ = self.status.set_attribute(name, value);
        }
        let text = text(status.text());
        let _ = self.status.set_attribute("title", &text);
        self.status.set_text_content(Some(&text));
    }
}

impl Drop for Toggle {
    fn drop(&mut self) {
        self.cell.remove();
        if let Some(column) = &self.column {
            column.remove();
        }
    }
}

/// A button of ours in `cell`, without anything on it yet. Gmail's own buttons carry a positive index, and
/// ours must follow Send.
fn button(cell: &Element, index: &str, name: &str, label: &str) -> Option<Element> {
    let button = element(
        "button",
        &[
            ("type", "button"),
            ("data-kaifu", name),
            ("tabindex", index),
            ("aria-label", &text(label)),
        ],
    )?;
    cell.append_child(&button).ok()?;
    Some(button)
}

/// Has `pressed` run when the user presses `button`.
fn on_press(button: &Element, pressed: Box<dyn Fn()>) -> [EventListener; 3] {
    let on = |kind, handle| listen(button, kind, EventListenerOptions::default(), handle);
    [
        // A press must not take the focus, and with it the caret, from the editor.
        listen(
            button,
            "mousedown",
            EventListenerOptions::enable_prevent_default(),
            Box::new(|event| {
                event.prevent_default();
                event.stop_propagation();
            }),
        ),
        on(
            "click",
            Box::new(move |event| {
                event.stop_propagation();
                pressed();
            }),
        ),
        // Keeps Enter and Space on the button from Gmail's shortcuts, and lets the rest through.
        on(
            "keydown",
            Box::new(|event| {
                if let Some(key) = event.dyn_ref::<KeyboardEvent>()
                    && matches!(key.key().as_str(), "Enter" | " ")
                    && !key.ctrl_key()
                    && !key.meta_key()
                {
                    event.stop_propagation();
                }
            }),
        ),
    ]
}

/// A cell after the one that holds `send`, with a column of its own; where Send stands in no table,
/// an element after the group of buttons around it.
fn place(send: &Element) -> Option<(Element, Option<Element>)> {
    let cell = |name| element(name, &[("data-kaifu", "cell")]);
    let Some(around) = SEND_CELL.around(send) else {
        let cell = cell("span")?;
        let group = send.parent_element()?;
        group.insert_adjacent_element("afterend", &cell).ok()?;
        return Some((cell, None));
    };
    let cell = cell("td")?;
    cell.set_class_name("gU");
    around.insert_adjacent_element("afterend", &cell).ok()?;
    Some((cell, column_after(&around)))
}

/// A column for the cell that follows `cell`, so that the columns after it keep their widths.
fn column_after(cell: &Element) -> Option<Element> {
    let place = std::iter::successors(cell.previous_element_sibling(), |sibling| {
        sibling.previous_element_sibling()
    })
    .count();
    let columns = cell
        .closest("table")
        .ok()??
        .query_selector_all("col")
        .ok()?;
    let before = columns
        .get(u32::try_from(place).ok()?)?
        .dyn_into::<Element>()
        .ok()?;
    let column = element("col", &[("data-kaifu", "column")])?;
    before.insert_adjacent_element("afterend", &column).ok()?;
    Some(column)
}

/// Takes out what an earlier copy of this script left in `root`.
pub(crate) fn clear_leftovers(root: &Element) {
    if let Ok(found) = root.query_selector_all(OWN_ELEMENT) {
        for element in elements(&found) {
            if let Some(element) = element.dyn_ref::<HtmlElement>() {
                element.remove();
            }
        }
    }
}
