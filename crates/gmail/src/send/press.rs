//! Presses of Send, seen before Gmail sees them.

use crate::app::App;
use crate::forms::editor;
use crate::forms::form::Form;
use crate::forms::toggle::Status;
use crate::page::account;
use crate::page::dom::{target, window};
use crate::send::schedule;
use crate::worker;
use js_sys::Date;
use kaifu_core::id::MessageId;
use kaifu_protocol::content::{Outcome, Press, PressUntracked, Signal};
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use web_sys::{Event, KeyboardEvent};

/// A click anywhere in the page.
pub(crate) fn on_click(app: &Rc<App>, event: &Event) {
    let Some(element) = target(event) else { return };
    if let Some(form) = app.form_around(&element)
        && form.compose.is_send(&element)
    {
        pressed(app, &form, false);
    } else {
        schedule::on_press(app, event);
    }
}

/// A key anywhere in the page: Enter or Space on Send, Ctrl+Enter or Cmd+Enter in a form.
pub(crate) fn on_keydown(app: &Rc<App>, event: &Event) {
    let (Some(key), Some(element)) = (event.dyn_ref::<KeyboardEvent>(), target(event)) else {
        return;
    };
    let enter = key.key() == "Enter";
    if key.is_composing() || !(enter || key.key() == " ") {
        return;
    }
    let shortcut = enter && (key.ctrl_key() || key.meta_key());
    match app.form_around(&element) {
        Some(form) if shortcut || form.compose.is_send(&element) => pressed(app, &form, false),
        _ => schedule::on_press(app, event),
    }
}

/// Typing in a form whose mail should have left: it did not.
pub(crate) fn on_input(app: &Rc<App>, event: &Event) {
    if event.is_trusted()
        && let Some(form) = target(event).and_then(|element| app.form_around(&element))
        && form.pressed.get()
    {
        app.outcomes.refused(app, &form, Signal::Typing);
    }
}

/// Adds the image, where the mail is to be tracked; an older one is taken out in any case. `later`
/// says that a time was chosen for it.
pub(crate) fn pressed(app: &Rc<App>, form: &Rc<Form>, later: bool) {
    let (pixels, editor) = (app.pixels(), form.compose.editor());
    let Some((pixels, editor)) = pixels.zip(editor) else {
        return pressed_untracked(app, form, later);
    };
    editor::remove_own(&editor, &pixels);
    if !form.will_track(&app.known.borrow()) {
        return pressed_untracked(app, form, later);
    }
    let Some(fresh) = random_message() else {
        form.say(Some(Status::NotTracked));
        return;
    };
    let message = form.message(&mut app.known.borrow_mut(), fresh);
    let inserted = editor::insert(&editor, &pixels.url(message));
    let thread = form.compose.thread();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the clock has whole milliseconds"
    )]
    let at = Date::now() as i64;
    worker::tell(Press {
        message: message.to_string(),
        draft: form.compose.draft(),
        thread: thread.clone(),
        account_label: account::account_label(),
        from: None,
        subject: form.compose.subject(),
        recipients: form.compose.recipients(),
        at,
    });
    if inserted {
        form.pressed.set(true);
        if let Some(thread) = &thread {
            app.outcomes.locate(thread);
        }
        app.outcomes.await_answer(form, message, thread, later);
    } else {
        form.say(Some(Status::NotTracked));
        app.outcomes
            .settled(message, Outcome::Untracked, Signal::Editor);
    }
}

/// Tells of a mail that is not to be tracked, where the user wants such mails marked.
fn pressed_untracked(app: &Rc<App>, form: &Rc<Form>, later: bool) {
    let mut known = app.known.borrow_mut();
    if !known.mark_untracked {
        return;
    }
    // What cannot be named cannot be marked.
    let named = form.compose.draft().zip(form.compose.thread());
    let Some(((draft, thread), fresh)) = named.zip(random_message()) else {
        return;
    };
    let message = form.message(&mut known, fresh);
    drop(known);
    worker::tell(PressUntracked {
        message: message.to_string(),
        draft,
        thread: thread.clone(),
    });
    form.pressed.set(true);
    app.outcomes
        .await_answer(form, message, Some(thread), later);
}

/// A message id that nobody else has; `None` where the browser has no randomness to give.
pub(crate) fn random_message() -> Option<MessageId> {
    let mut bytes = [0; 8];
    window()
        .crypto()
        .ok()?
        .get_random_values_with_u8_array(&mut bytes)
        .ok()?;
    Some(MessageId(bytes))
}
