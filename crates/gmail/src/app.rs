//! Wires the features of one Gmail tab to its page and to the worker.

use crate::forms::form::Form;
use crate::forms::landmarks::{LandmarkReporter, shown_editors};
use crate::forms::toggle;
use crate::marks::lookup::{Marks, Reading};
use crate::own_views::OwnViews;
use crate::page::changes::{ChangeReader, PageChanges, WATCHED};
use crate::page::dom::{Scope, later, listen, page, target, window};
use crate::page::selectors::EDITOR;
use crate::send::events::Sending;
use crate::tab::Tab;
use crate::worker;
use gloo_events::{EventListener, EventListenerOptions};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Function};
use kaifu_chrome::{CallError, runtime};
use kaifu_protocol::call::Failure;
use kaifu_protocol::content::{self, Watch};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, MutationObserver, MutationObserverInit};

/// The page's attribute that says what runs the content script.
pub(crate) const RUNTIME: &str = "data-kaifu-runtime";

/// When a switch that something else took out comes back, in milliseconds: not at once, as the other
/// may do so again.
const REMOUNT_MS: u32 = 200;

/// How long to wait before asking a worker again that did not answer, in milliseconds.
const RETRY_MS: u32 = 1_000;

/// Kaifu in one page.
#[derive(Debug)]
pub(crate) struct App {
    tab: Rc<Tab>,
    sending: Rc<Sending>,
    marks: Rc<Marks>,
    own_views: OwnViews,
    /// What the marks were made from when they were last looked up.
    marks_revision: Cell<u64>,
    landmarks: LandmarkReporter,
    reader: ChangeReader,
    /// Whether switches that were taken out will soon be put back.
    remounts: Cell<bool>,
    hooks: RefCell<Option<Hooks>>,
}

/// What ties Kaifu to the page; dropping it unties it.
#[derive(Debug)]
struct Hooks {
    observer: MutationObserver,
    _callback: Closure<dyn FnMut(Array)>,
    _listeners: Vec<EventListener>,
}

impl Drop for Hooks {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

impl App {
    /// Starts watching the page. `panel` loads the panel of an email's choices and shows it. The app lives for as long as its hooks and its session do.
    pub(crate) fn start(panel: Function) {
        let tab = Rc::new(Tab::default());
        tab.session.show_panel_by(panel);
        let app = Rc::new(Self {
            sending: Sending::new(tab.clone()),
            tab,
            marks: Rc::default(),
            marks_revision: Cell::default(),
            own_views: OwnViews::default(),
            landmarks: LandmarkReporter::default(),
            reader: ChangeReader::default(),
            remounts: Cell::default(),
            hooks: RefCell::default(),
        });
        let its = app.tab.clone();
        worker::on_change(move || its.refresh());
        let hooks = app.clone().hook();
        *app.hooks.borrow_mut() = hooks.ok();
        app.look_at(&[page().unchecked_into()]);
        spawn_local(app.follow());
    }

    fn hook(self: Rc<Self>) -> Result<Hooks, JsValue> {
        let watching = self.clone();
        let callback: Closure<dyn FnMut(Array)> =
            Closure::new(move |records: Array| watching.page_changed(&records));
        let observer = MutationObserver::new(callback.as_ref().unchecked_ref())?;
        let init = MutationObserverInit::new();
        init.set_child_list(true);
        init.set_subtree(true);
        init.set_attribute_filter(
            &WATCHED
                .iter()
                .map(|name| JsValue::from_str(name))
                .collect::<Array>(),
        );
        observer.observe_with_options(&page(), &init)?;
        let mut listeners = self.sending.listen();
        let early = EventListenerOptions::run_in_capture_phase();
        let app = self.clone();
        let focused = Box::new(move |event: &Event| app.on_focus(event));
        listeners.push(listen(&window(), "focusin", early, focused));
        let app = self.clone();
        let shown = Box::new(move |_: &Event| app.own_views.tab_shown(&app.tab));
        listeners.push(listen(&window(), "visibilitychange", early, shown));
        Ok(Hooks {
            observer,
            _callback: callback,
            _listeners: listeners,
        })
    }

    /// Keeps one call with the worker open for as long as the page lives. It brings every change, and
    /// its being open keeps the worker awake. Ends when the extension that this script came with does.
    async fn follow(self: Rc<Self>) {
        let mut revision = 0;
        while runtime::is_connected() {
            let runtime = page().get_attribute(RUNTIME).unwrap_or_default();
            let watch = Watch { revision, runtime };
            let pause = match runtime::call(watch).await {
                Ok(update) => {
                    if update.revision != revision {
                        revision = update.revision;
                        self.update(update.value);
                    }
                    update.pause_ms
                }
                Err(error) => {
                    let storage =
                        |failure: &Failure| matches!(failure, Failure::Storage(_) | Failure::Full);
                    self.keeps_nothing(
                        matches!(&error, CallError::Refused(failure) if storage(failure)),
                    );
                    RETRY_MS
                }
            };
            if pause > 0 {
                TimeoutFuture::new(pause).await;
            }
        }
        self.leave();
    }

    fn keeps_nothing(&self, nothing: bool) {
        if self.tab.session.keeps_nothing(nothing) {
            self.tab.refresh();
        }
    }

    /// Takes over what the worker says, and shows it everywhere.
    fn update(&self, told: content::Session) {
        let was_heard = self.tab.session.is_heard();
        let marks_revision = told.marks_revision;
        self.tab.session.update(told);
        if !was_heard {
            self.tab.heard();
        }
        self.own_views.refresh(&self.tab);
        if self.marks_revision.replace(marks_revision) != marks_revision {
            self.marks.refresh();
        }
        self.tab.refresh();
    }

    /// Takes everything of ours out of the page.
    fn leave(&self) {
        self.hooks.replace(None);
        self.tab.forms.clear();
        // Nobody could be told of a failure: the extension is gone.
        let _ = page().remove_attribute(RUNTIME);
        toggle::clear_leftovers(&page());
    }

    /// Does something once, after `millis` milliseconds.
    fn later(self: &Rc<Self>, millis: u32, act: fn(&Self)) {
        let app = self.clone();
        later(millis, Box::new(move || act(&app))).forget(); // Runs once.
    }

    fn page_changed(self: &Rc<Self>, records: &Array) {
        let forms = &self.tab.forms;
        if forms.find(|form| !form.compose.is_open()).is_some() {
            // Gmail moves a form by taking it out and putting it in again: only what is still gone
            // when this task has ended is closed.
            self.later(0, |app| app.tab.forms.forget_closed(&app.tab.session));
        }
        if forms.find(Form::is_detached).is_some() && !self.remounts.replace(true) {
            self.later(REMOUNT_MS, |app| {
                app.remounts.set(false);
                app.tab.scan();
            });
        }
        self.take(self.reader.read(records, &self.marks.lists));
        self.sending.page_changed();
    }

    /// Looks at `scopes` as if they had just been added to the page.
    fn look_at(self: &Rc<Self>, scopes: &[Scope]) {
        let mut there = PageChanges::default();
        for scope in scopes {
            self.reader.look_in(scope, &self.marks.lists, &mut there);
        }
        self.take(there);
    }

    fn take(self: &Rc<Self>, mut changes: PageChanges) {
        // First of all: what is fetched because of a view follows at once.
        let images = std::mem::take(&mut changes.images);
        self.own_views.shown(&self.tab, images);
        if changes.form {
            self.tab.scan();
            let app = Rc::downgrade(self);
            self.landmarks.check_later(Box::new(move || {
                if let Some(app) = app.upgrade() {
                    app.check_landmarks();
                }
            }));
        }
        if changes.in_lists {
            self.lists_changed();
        }
        self.marks.read_changes(changes);
    }

    fn lists_changed(self: &Rc<Self>) {
        match self.marks.list_changed() {
            Reading::Now => self.read_lists(),
            Reading::AtRest => {
                let app = self.clone();
                spawn_local(async move {
                    app.marks.rest().await;
                    app.read_lists();
                });
            }
            Reading::Expected => {}
        }
    }

    fn read_lists(self: &Rc<Self>) {
        let new = self.marks.read_lists();
        self.look_at(&new);
    }

    /// Gmail has had the time to finish what it put into the page: is it all there?
    fn check_landmarks(&self) {
        self.tab.scan();
        for editor in shown_editors(&page()) {
            self.landmarks.check(&editor);
        }
    }

    /// A form that arrived unnoticed is found when the user goes into it, and one that is known shows the
    /// state of affairs.
    fn on_focus(&self, event: &Event) {
        let Some(element) = target(event) else { return };
        match self.tab.forms.around(&element) {
            // Who its recipients are may have changed since.
            Some(form) => form.refresh(&self.tab.session),
            None if EDITOR.is(&element) => self.tab.scan(),
            None => {}
        }
    }
}
