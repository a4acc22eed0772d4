//! Presses of Send, seen before Gmail sees them.

use crate::forms::editor;
use crate::forms::form::Form;
use crate::forms::toggle::Status;
use crate::outcomes::{Evidence, PendingSend};
use crate::page::account::account_label;
use crate::page::dom::page;
use crate::page::selectors::UNDO;
use crate::send::signs::dialogs;
use crate::tab::Tab;
use crate::worker;
use kaifu_chrome::{clock, runtime};
use kaifu_core::choice::Choice;
use kaifu_core::id::MessageId;
use kaifu_core::outcome::{Sign, Signal, State, When};
use kaifu_protocol::content::{Press, PressUntracked};
use std::rc::Rc;

/// `form`'s email is to leave: adds its image and line, where it is to be tracked. Older ones are taken
/// out in any case.
pub(crate) fn press(tab: &Tab, form: &Rc<Form>, when: When) {
    if tab.outcomes.is_requested(form) {
        // Gmail has it already.
        return;
    }
    let (pixels, editor) = (tab.session.pixels(), form.compose.editor());
    let Some((pixels, editor)) = pixels.zip(editor) else {
        return press_untracked(tab, form, when);
    };
    editor::remove_own(&editor, &pixels);
    // An extension that is gone could not remember the email.
    let how = form.shown(&tab.session).how;
    let Some(how) = how.filter(|_| runtime::is_connected()) else {
        return press_untracked(tab, form, when);
    };
    let Some((message, replaces)) = form.number(&tab.session) else {
        form.say(Some(Status::NotTracked));
        return;
    };
    let (now, draft) = (clock::now(), form.compose.draft());
    if let Some(draft) = &draft {
        let decision = Choice {
            how: Some(how),
            at: now,
        };
        tab.session.press(draft, message, decision);
    }
    let html = editor.inner_html();
    let insertion = (tab.session).insertion(&pixels, (message, how), now, &html);
    let inserted = editor::insert(&editor, &html, &insertion);
    let thread = form.compose.thread();
    worker::tell(Press {
        message: message.to_string(),
        mode: how.code(),
        draft,
        thread: thread.clone(),
        account_label: account_label(),
        from: None,
        subject: form.compose.subject(),
        recipients: form.compose.recipients(),
        at: now.0,
        delivery: now.0,
        replaces: replaces.map(|it| it.to_string()),
    });
    if inserted {
        if let Some(thread) = &thread {
            tab.outcomes.locate(thread);
        }
        await_signs(tab, form, message, when);
    } else {
        form.say(Some(Status::NotTracked));
        let evidence = Evidence::shown(Sign::ImageMissing, Signal::Editor);
        tab.observe(message, State::Unknown, evidence);
    }
}

/// Remembers that an email is not to be tracked, and tells of it where the user wants such emails
/// marked, or where it was pressed as one that is.
fn press_untracked(tab: &Tab, form: &Rc<Form>, when: When) {
    // What cannot be named cannot be marked.
    let named = form.compose.draft().zip(form.compose.thread());
    let Some(((draft, thread), (message, _))) = named.zip(form.number(&tab.session)) else {
        return;
    };
    let was_tracked = tab.session.choices(&draft).was_tracked();
    let now = clock::now();
    let decision = Choice { how: None, at: now };
    tab.session.press(&draft, message, decision);
    if !tab.session.mark_untracked() && !was_tracked {
        return;
    }
    worker::tell(PressUntracked {
        message: message.to_string(),
        draft,
        thread,
        at: Some(now.0),
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
        links: UNDO.find_all(&page()),
        state: State::Pressed(when),
    });
}
