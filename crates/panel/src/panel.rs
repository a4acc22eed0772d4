//! The panel in the page.

use crate::dom::{add, say, set, set_flag};
use crate::keys::{self, Key};
use crate::parts::{
    ADDRESS, ALONE, LANGUAGE, LINE, MODES, NEEDED, NOTICE, PERSON, REASON, WHOLE, WISHES, make,
};
use js_sys::Function;
use kaifu_chrome::i18n::{text, text_about};
use kaifu_core::mail::line::{Language, Lines, parts};
use kaifu_core::mail::manner::Manner;
use kaifu_core::mail::mode::Mode;
use kaifu_protocol::panel::{Shown, wish};
use std::cell::RefCell;
use std::mem::ManuallyDrop;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Element, Event, HtmlElement, HtmlSelectElement, KeyboardEvent, Node};

/// What Gmail must not hear of within the panel: its own shortcuts and menus listen around it.
const OWN_EVENTS: [&str; 9] = [
    "click",
    "mousedown",
    "mouseup",
    "pointerdown",
    "keydown",
    "keypress",
    "keyup",
    "input",
    "change",
];

/// What says that the user is elsewhere.
const ELSEWHERE: [&str; 2] = ["pointerdown", "focusin"];

/// The modes on offer, in the order of [`MODES`].
const OFFERED: [Mode; 3] = [Mode::Image, Mode::Receipt, Mode::Both];

thread_local! {
    /// The one that is open, or was last. Nothing is dropped when the page goes, so nothing need be
    /// registered for that.
    static PANEL: ManuallyDrop<RefCell<Option<Panel>>> =
        const { ManuallyDrop::new(RefCell::new(None)) };
}

thread_local! {
    /// What hears of events within the panel, and of those anywhere. They live as long as the page does.
    static LISTENERS: ManuallyDrop<[Function; 2]> = ManuallyDrop::new([within as fn(Event), anywhere].map(|act| {
        let heard: Closure<dyn Fn(Event)> = Closure::new(act);
        heard.into_js_value().unchecked_into()
    }));
}

/// One email's panel.
struct Panel {
    opener: HtmlElement,
    root: HtmlElement,
    language: HtmlSelectElement,
    /// All of it, by its places in `parts`.
    made: Vec<Element>,
    /// What it was told last.
    told: RefCell<String>,
    shown: RefCell<Shown>,
    said: Function,
}

/// See `show` of this crate; `None` where nothing can be shown.
pub(crate) fn show(opener: HtmlElement, told: String, said: Option<Function>) -> Option<()> {
    let is_press = said.is_some();
    let is_its = with_open(|panel| {
        let is_its = panel.opener == opener;
        if is_press {
            panel.close(is_its);
        } else if is_its && *panel.told.borrow() != told {
            let shown = Shown::read(&told)?;
            panel.shown.replace(shown);
            panel.render();
        }
        is_its.then_some(())
    });
    if is_its.is_none() {
        let panel = Panel::open(opener, told, said?)?;
        PANEL.with(|place| place.replace(Some(panel)));
    }
    Some(())
}

/// Does something with the panel that is open.
fn with_open<T>(act: impl FnOnce(&Panel) -> Option<T>) -> Option<T> {
    PANEL.with(|panel| act(panel.borrow().as_ref().filter(|panel| panel.is_open())?))
}

/// Listens in a new panel, and all over the page if that was not done before: a page has each listener
/// once, however often it is given.
fn listen(root: &HtmlElement) -> Result<(), JsValue> {
    let document = root.owner_document().ok_or(JsValue::NULL)?;
    LISTENERS.with(|listeners| {
        let [within, anywhere] = &**listeners;
        for kind in OWN_EVENTS {
            root.add_event_listener_with_callback(kind, within)?;
        }
        for kind in ELSEWHERE {
            document.add_event_listener_with_callback_and_bool(kind, anywhere, true)?;
        }
        Ok(())
    })
}

/// Something happened within the panel.
#[expect(
    clippy::needless_pass_by_value,
    reason = "JavaScript gives its events away"
)]
fn within(event: Event) {
    if with_open(|panel| panel.hear(&event)).is_none() {
        event.stop_propagation();
    }
}

/// Something happened anywhere in the page.
#[expect(
    clippy::needless_pass_by_value,
    reason = "JavaScript gives its events away"
)]
fn anywhere(event: Event) {
    with_open(|panel| {
        let node: Node = event.target()?.dyn_into().ok()?;
        let is_within = [&panel.root, &panel.opener];
        if !is_within.iter().any(|it| it.contains(Some(&node))) {
            panel.close(false);
        }
        Some(())
    });
}

impl Panel {
    /// Opens the one of the email with that `opener`; none where the page refuses it.
    fn open(opener: HtmlElement, told: String, said: Function) -> Option<Self> {
        let shown = Shown::read(&told)?;
        let made = make(&opener.parent_element()?)?;
        let root: HtmlElement = made[WHOLE].clone().unchecked_into();
        let language: HtmlSelectElement = made[LANGUAGE].clone().unchecked_into();
        let mut own = "";
        for lines in Lines::all(&shown.lines) {
            if lines.name() == shown.language {
                own = lines.own_name();
            }
            offer(&language, lines.name(), lines.own_name())?;
        }
        let first = offer(&language, "", &text_about("panel_language_own", own))?;
        language.prepend_with_node_1(&first).ok()?;
        listen(&root).ok()?;
        root.show_popover().ok()?;
        set_flag(&opener, "aria-expanded", true);
        let panel = Self {
            opener,
            root,
            language,
            made,
            told: RefCell::new(told),
            shown: RefCell::new(shown),
            said,
        };
        panel.render();
        keys::enter(&panel.root)?;
        Some(panel)
    }

    /// Whether it is there to be seen.
    fn is_open(&self) -> bool {
        self.root.matches(":popover-open").unwrap_or(false)
    }

    /// Takes it out of the page; the focus goes back where that is wanted.
    fn close(&self, gives_back: bool) {
        set_flag(&self.opener, "aria-expanded", false);
        self.root.remove();
        if gives_back {
            // A page without its opener has no place for the focus.
            let _ = self.opener.focus();
        }
    }

    fn render(&self) {
        let (shown, made) = (self.shown.borrow(), &self.made[..]);
        let chosen = shown.how.map(|how| how.mode);
        say(&made[REASON], &reason(&shown));
        for (place, mode) in MODES.into_iter().zip(OFFERED) {
            let is_stop = mode == chosen.unwrap_or_default();
            set_flag(&made[place], "aria-checked", chosen == Some(mode));
            set_flag(&made[place], "aria-disabled", !shown.obstacle.is_empty());
            set(&made[place], "tabindex", if is_stop { "0" } else { "-1" });
        }
        let (has_line, may_choose) = (shown.has_line(), shown.may_choose_line());
        set_flag(&made[NOTICE], "aria-checked", has_line);
        set_flag(&made[NOTICE], "aria-disabled", !may_choose);
        let is_needed = has_line && !may_choose;
        let needed = is_needed.then(|| text("panel_line_needed"));
        say(&made[NEEDED], &needed.unwrap_or_default());
        let language = shown.how.and_then(|how| how.language);
        self.language.set_disabled(!has_line);
        (self.language).set_value(&language.map(Language::name).unwrap_or_default());
        self.preview(&shown, has_line);
        let is_alone = !shown.address.is_empty();
        set(&made[PERSON], "class", if is_alone { "" } else { "hidden" });
        set(
            &made[ALONE],
            "class",
            if shown.is_asking { "" } else { "hidden" },
        );
        say(&made[ADDRESS], &text_about("panel_person", &shown.address));
        for (place, holds) in WISHES.into_iter().zip(shown.wishes) {
            set_flag(&made[place], "aria-checked", holds);
        }
    }

    /// What the recipient will read.
    fn preview(&self, shown: &Shown, has_line: bool) {
        let place = &self.made[LINE];
        let Some((language, sentence)) = shown.line().filter(|_| has_line) else {
            let is_tracked = shown.how.is_some() && shown.obstacle.is_empty();
            let words = is_tracked.then(|| text("panel_no_line"));
            set(place, "lang", &text("locale_language"));
            return say(place, &words.unwrap_or_default());
        };
        set(place, "lang", language);
        say(place, "");
        for (words, name) in parts(sentence).into_iter().zip(["span", "u", "span"]) {
            // What the page does not take is missing in the preview alone.
            if let Some(piece) = add(place, name, "") {
                say(&piece, words);
            }
        }
    }

    /// Something happened within it. Something where it is Gmail's business.
    fn hear(&self, event: &Event) -> Option<()> {
        match &*event.type_() {
            "keydown" => {
                if let Some(key) = event.dyn_ref::<KeyboardEvent>() {
                    match keys::pressed(&self.root, key) {
                        Key::Close => self.close(true),
                        Key::Own => {}
                        Key::Gmails => return Some(()),
                    }
                }
            }
            "click" => {
                let target: Element = event.target()?.unchecked_into();
                self.press(&target.closest(keys::FREE).ok()??);
            }
            "change" => {
                let language = Language::new(&self.language.value());
                self.choose(|how| how.language = language);
            }
            _ => {}
        }
        None
    }

    fn press(&self, button: &Element) {
        if let Some(name) = button.get_attribute("data-kaifu-wish") {
            let holds = button.get_attribute("aria-checked").as_deref() != Some("true");
            return self.say(&wish(&name, holds, &self.shown.borrow().address));
        }
        let mode = button.get_attribute("data-kaifu-mode");
        let has_line = self.shown.borrow().has_line();
        self.choose(|how| match mode.and_then(|mode| Mode::from_name(&mode)) {
            Some(mode) => how.mode = mode,
            None => how.line = Some(!has_line),
        });
    }

    /// The user chose something else.
    fn choose(&self, change: impl FnOnce(&mut Manner)) {
        let mut how = self.shown.borrow().how.unwrap_or_default();
        change(&mut how);
        self.say(&how.code());
    }

    fn say(&self, said: &str) {
        // The answer is what the panel then shows.
        let _ = self.said.call1(&JsValue::NULL, &said.into());
    }
}

/// Offers something to choose.
fn offer(choice: &Element, value: &str, name: &str) -> Option<Element> {
    let option = add(choice, "option", "")?;
    set(&option, "value", value);
    say(&option, name);
    Some(option)
}

/// Why the email is not what was chosen, if it is not.
fn reason(shown: &Shown) -> String {
    let has_image = shown.how.is_some_and(|how| how.mode.has_image());
    let key = match shown.instead.filter(|_| has_image) {
        _ if !shown.obstacle.is_empty() => &shown.obstacle,
        _ if shown.how.is_none() => "panel_off",
        Some(Mode::Consent) => "panel_asks",
        Some(_) => "panel_instead",
        None => return String::new(),
    };
    text(key)
}
