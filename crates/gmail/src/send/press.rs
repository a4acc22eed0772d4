//! Presses of Send, seen before Gmail sees them.

use crate::forms::editor;
use crate::forms::form::Form;
use crate::forms::toggle::Status;
use crate::outcomes::PendingSend;
use crate::page::account::account_label;
use crate::page::random::random_message;
use crate::send::signs::dialogs;
use crate::tab::Tab;
use crate::worker;
use kaifu_chrome::clock;
use kaifu_core::id::MessageId;
use kaifu_core::mail::insertion::Insertion;
use kaifu_core::outcome::{Sign, Signal, State, When};
use kaifu_protocol::content::{Press, PressUntracked};
use std::rc::Rc;

/// `form`'s email is to leave: adds the image, where it is to be tracked. An older image is taken
/// out in any case.
pub(crate) fn press(tab: &Tab, form: &Rc<Form>, when: When) {
    let (pixels, editor) = (tab.session.pixels(), form.compose.editor());
    let Some((pixels, editor)) = pixels.zip(editor) else {
        return press_untracked(tab, form, when);
    };
    editor::remove_own(&editor, &pixels);
    if !form.will_track(&tab.session) {
        return press_untracked(tab, form, when);
    }
    let Some(fresh) = random_message() else {
        form.say(Some(Status::NotTracked));
        return;
    };
    let message = form.message(&tab.session, fresh);
    let now = clock::now();
    let inserted = editor::insert(&editor, &Insertion::new(&pixels, message, now));
    let thread = form.compose.thread();
    worker::tell(Press {
        message: message.to_string(),
        draft: form.compose.draft(),
        thread: thread.clone(),
        account_label: account_label(),
        from: None,
        subject: form.compose.subject(),
        recipients: form.compose.recipients(),
        at: now.0,
    });
    if inserted {
        if let Some(thread) = &thread {
            tab.outcomes.locate(thread);
        }
        await_signs(tab, form, message, when);
    } else {
        form.say(Some(Status::NotTracked));
        tab.outcomes
            .observe(message, State::Unknown, Sign::ImageMissing, Signal::Editor);
    }
}

/// Tells of an email that is not to be tracked, where the user wants such emails marked.
fn press_untracked(tab: &Tab, form: &Rc<Form>, when: When) {
    if !tab.session.mark_untracked() {
        return;
    }
    // What cannot be named cannot be marked.
    let named = form.compose.draft().zip(form.compose.thread());
    let Some(((draft, thread), fresh)) = named.zip(random_message()) else {
        return;
    };
    let message = form.message(&tab.session, fresh);
    worker::tell(PressUntracked {
        message: message.to_string(),
        draft,
        thread,
    });
    await_signs(tab, form, message, when);
}

fn await_signs(tab: &Tab, form: &Rc<Form>, message: MessageId, when: When) {
    form.pressed.set(true);
    tab.outcomes.await_signs(PendingSend {
        form: form.clone(),
        message,
        thread: form.compose.thread(),
        pressed_at: clock::now(),
        dialogs: dialogs(),
        state: State::Pressed(when),
    });
}
