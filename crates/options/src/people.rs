//! The part of the page about people: how each stands to being tracked.

use kaifu_chrome::runtime;
use kaifu_core::mail::consent::Standing;
use kaifu_core::time::Millis;
use kaifu_l10n::Words;
use kaifu_protocol::pages::{ForgetConsent, ListConsents, Said};
use kaifu_ui::dom::{document, element, listen, set};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement};

/// The part's elements.
pub(crate) struct PeoplePart {
    list: Element,
    nobody: HtmlElement,
}

impl PeoplePart {
    /// The part of `options.html`.
    ///
    /// # Errors
    ///
    /// When an element is missing; the error names its id.
    pub(crate) fn find() -> Result<Self, JsValue> {
        Ok(Self {
            list: element("people")?,
            nobody: element("nobody")?,
        })
    }

    /// Shows all of them.
    pub(crate) async fn show(self: Rc<Self>, words: Rc<impl Words + 'static>) {
        // Without an answer, what is shown stays.
        if let Ok(all) = runtime::call(ListConsents {}).await {
            self.nobody.set_hidden(!all.is_empty());
            self.list.set_text_content(None);
            for said in all {
                // A row that the page does not take is missing in the list, and nowhere else.
                let _ = self.add(&said, &words);
            }
        }
    }

    fn add(self: &Rc<Self>, said: &Said, words: &Rc<impl Words + 'static>) -> Result<(), JsValue> {
        let row = made("li")?;
        let address = made("bdi")?;
        address.set_text_content(Some(&said.address));
        let note = made("span")?;
        set(&note, "class", "hint");
        let date = words.date(Millis(said.at));
        note.set_text_content(Some(&words.with(key(&said.consent), &[&date])));
        let button = made("button")?;
        set(&button, "type", "button");
        button.set_text_content(Some(&words.text("settings_person_forget")));
        let is_wish = Standing::wish(&said.consent).is_some();
        let label = if is_wish {
            "settings_wish_forget_title"
        } else {
            "settings_person_forget_title"
        };
        let label = words.with(label, &[&said.address]);
        set(&button, "aria-label", &label);
        row.append_with_node_3(&address, &note, &button)?;
        self.list.append_child(&row)?;
        let (part, words) = (Rc::clone(self), Rc::clone(words));
        let its = ForgetConsent {
            address: said.address.clone(),
            consent: said.consent.clone(),
        };
        listen(&button, "click", move |_| {
            let (part, words, its) = (Rc::clone(&part), Rc::clone(&words), its.clone());
            spawn_local(async move {
                // Where it failed, the row that is still there says so.
                let _ = runtime::call(its).await;
                part.show(words).await;
            });
        });
        Ok(())
    }
}

fn made(name: &str) -> Result<Element, JsValue> {
    document()?.create_element(name)
}

fn key(consent: &str) -> &'static str {
    match consent {
        "declined" => "settings_person_declined",
        "agreed" => "settings_person_agreed",
        "always" => "settings_person_always",
        "never" => "settings_person_never",
        "alone" => "settings_person_alone",
        _ => "settings_person_asked",
    }
}
