//! Kaifu in one page: which compose forms are open, and what is going on.

use crate::forms::compose::Compose;
use crate::forms::form::Form;
use crate::forms::landmarks::{Health, shown_editors};
use crate::forms::toggle;
use crate::marks::lookup::Marks;
use crate::outcomes::Outcomes;
use crate::own_views::Views;
use crate::page::changes::{Arrivals, WATCHED, Watcher};
use crate::page::dom::{Scope, page, target, window};
use crate::page::selectors::EDITOR;
use crate::send::press;
use crate::send::schedule::{self, Schedule};
use crate::send::wire::{self, Observer};
use crate::session::{self, Known};
use gloo_events::{EventListener, EventListenerOptions};
use gloo_timers::callback::Timeout;
use js_sys::Array;
use kaifu_core::id::MessageId;
use kaifu_core::mail::pixel::Pixels;
use kaifu_protocol::content::Signal;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Element, Event, MutationObserver, MutationObserverInit};

/// The page's attribute that says what runs the content script.
pub(crate) const RUNTIME: &str = "data-kaifu-runtime";

/// When a switch that something else took out comes back, in milliseconds: not at once, as the other
/// may do so again.
const MEND_MS: u32 = 200;

/// Kaifu in one page.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) known: RefCell<Known>,
    pub(crate) outcomes: Outcomes,
    pub(crate) observer: Observer,
    pub(crate) schedule: Schedule,
    health: Health,
    pub(crate) marks: Marks,
    pub(crate) views: Views,
    watcher: Watcher,
    forms: RefCell<Vec<Rc<Form>>>,
    mending: Cell<bool>,
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
    /// Starts watching the page. The app lives for as long as its hooks and its session do.
    pub(crate) fn start() {
        let app = Rc::new(Self {
            known: RefCell::default(),
            outcomes: Outcomes::default(),
            observer: Observer::default(),
            schedule: Schedule::default(),
            health: Health::default(),
            marks: Marks::default(),
            views: Views::default(),
            watcher: Watcher::default(),
            forms: RefCell::default(),
            mending: Cell::default(),
            hooks: RefCell::default(),
        });
        let hooks = app.clone().hook();
        *app.hooks.borrow_mut() = hooks.ok();
        app.look_at(&[page().unchecked_into()]);
        session::follow(app);
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
        let listen = |kind: &'static str, handle: fn(&Rc<Self>, &Event)| {
            let app = self.clone();
            let options = EventListenerOptions::run_in_capture_phase();
            EventListener::new_with_options(&window(), kind, options, move |event| {
                handle(&app, event);
            })
        };
        let mut listeners = vec![
            listen("click", press::on_click),
            listen("keydown", press::on_keydown),
            listen("input", press::on_input),
            listen("mousedown", schedule::on_press),
            listen("mouseup", schedule::on_press),
            listen("focusin", Self::on_focus),
            listen("visibilitychange", Views::on_visible),
        ];
        listeners.extend(wire::listen(&self));
        Ok(Hooks {
            observer,
            _callback: callback,
            _listeners: listeners,
        })
    }

    /// Does something once, after `millis` milliseconds.
    pub(crate) fn later(self: &Rc<Self>, millis: u32, act: fn(&Rc<Self>)) {
        let app = self.clone();
        Timeout::new(millis, move || act(&app)).forget(); // Runs once.
    }

    /// Takes everything of ours out of the page.
    pub(crate) fn leave(&self) {
        self.hooks.replace(None);
        self.forms.replace(Vec::new());
        // Nobody could be told of a failure: the extension is gone.
        let _ = page().remove_attribute(RUNTIME);
        toggle::clear_leftovers(&page());
    }

    /// The form that `element` stands in.
    pub(crate) fn form_around(&self, element: &Element) -> Option<Rc<Form>> {
        self.forms
            .borrow()
            .iter()
            .find(|form| form.compose.holds(element))
            .cloned()
    }

    /// Shows everywhere how things stand.
    pub(crate) fn refresh(self: &Rc<Self>) {
        self.views.refresh(self);
        self.marks.refresh(self);
        let forms = self.forms.borrow().clone();
        for form in forms {
            self.refresh_form(&form);
        }
    }

    fn refresh_form(&self, form: &Form) {
        // Gmail answers a change of the editor at once, and that may call back into here: nothing
        // is borrowed meanwhile.
        if let Some(pixels) = self.pixels() {
            form.clean(&pixels);
        }
        form.refresh(&self.known.borrow());
    }

    /// What images are made with; `None` until there is an account.
    pub(crate) fn pixels(&self) -> Option<Rc<Pixels>> {
        self.known.borrow().pixels.clone()
    }

    /// The open form of `draft`, Gmail's sync id.
    pub(crate) fn form_of_draft(&self, draft: &str) -> Option<Rc<Form>> {
        let is_its = |form: &&Rc<Form>| form.compose.draft().as_deref() == Some(draft);
        self.forms.borrow().iter().find(is_its).cloned()
    }

    /// Whether the mail of `draft` is to be tracked.
    pub(crate) fn tracks_draft(&self, draft: &str) -> bool {
        let known = self.known.borrow();
        match self.form_of_draft(draft) {
            Some(form) => form.will_track(&known),
            None => known.choice(draft).unwrap_or(false),
        }
    }

    /// There is a draft: if it was a mail that left, the user took it back.
    pub(crate) fn is_draft(&self, draft: &str, signal: Signal) {
        if let Some(message) = self.known.borrow().message(draft) {
            self.outcomes.taken_back(message, signal);
        }
    }

    /// The worker has told for the first time what is remembered about drafts.
    pub(crate) fn heard(&self) {
        for form in &*self.forms.borrow() {
            if let Some(draft) = form.compose.draft() {
                self.is_draft(&draft, Signal::Form);
            }
        }
    }

    /// The message that the mail of `draft` is; `fresh` is taken where it has none yet.
    pub(crate) fn message_of_draft(&self, draft: &str, fresh: MessageId) -> MessageId {
        let mut known = self.known.borrow_mut();
        if let Some(form) = self.form_of_draft(draft) {
            return form.message(&mut known, fresh);
        }
        let message = known.message(draft).unwrap_or(fresh);
        known.assign(draft, message);
        message
    }

    fn forget_closed(&self) {
        let (open, closed) = self
            .forms
            .take()
            .into_iter()
            .partition(|form| form.compose.is_open());
        self.forms.replace(open);
        let closed: Vec<Rc<Form>> = closed;
        let mut known = self.known.borrow_mut();
        for form in closed {
            let tracks = form.tracks(&known);
            if let Some(draft) = form.compose.draft() {
                known.close(&draft, tracks);
            }
        }
    }

    fn page_changed(self: &Rc<Self>, records: &Array) {
        if self
            .forms
            .borrow()
            .iter()
            .any(|form| !form.compose.is_open())
        {
            // Gmail moves a form by taking it out and putting it in again: only what is still gone
            // when this task has ended is closed.
            self.later(0, |app| app.forget_closed());
        }
        let torn = self.forms.borrow().iter().any(|form| form.is_torn());
        if torn && !self.mending.replace(true) {
            self.later(MEND_MS, |app| {
                app.mending.set(false);
                app.scan();
            });
        }
        self.arrived(self.watcher.read(records, &self.marks.lists));
        self.outcomes.page_changed(self);
    }

    /// Looks at `scopes` as if they had just been added to the page.
    pub(crate) fn look_at(self: &Rc<Self>, scopes: &[Scope]) {
        let mut there = Arrivals::default();
        for scope in scopes {
            self.watcher.look_in(scope, &self.marks.lists, &mut there);
        }
        self.arrived(there);
    }

    fn arrived(self: &Rc<Self>, mut arrivals: Arrivals) {
        // First of all: what is fetched because of a view follows at once.
        self.views
            .arrived(self, std::mem::take(&mut arrivals.images));
        if arrivals.form {
            self.scan();
            let app = Rc::downgrade(self);
            self.health.check_later(move || {
                if let Some(app) = app.upgrade() {
                    app.check_health();
                }
            });
        }
        self.marks.arrived(self, arrivals);
    }

    /// Gmail has had the time to finish what it put into the page: is it all there?
    fn check_health(self: &Rc<Self>) {
        self.scan();
        for editor in shown_editors(&page()) {
            self.health.check(&editor);
        }
    }

    /// A form that arrived unnoticed is found when the user goes into it.
    fn on_focus(self: &Rc<Self>, event: &Event) {
        if let Some(element) = target(event)
            && EDITOR.is(&element)
            && self.form_around(&element).is_none()
        {
            self.scan();
        }
    }

    fn scan(self: &Rc<Self>) {
        let composes = Compose::all_in(&page());
        for form in &*self.forms.borrow() {
            if !composes.contains(&form.compose) {
                // A form that has lost a landmark shows no switch rather than one that may lie.
                form.strip();
            }
        }
        for compose in composes {
            let known = self
                .forms
                .borrow()
                .iter()
                .find(|form| form.compose == compose)
                .cloned();
            let form = known.unwrap_or_else(|| {
                let form = Rc::new(Form::new(compose));
                if let Some(draft) = form.compose.draft() {
                    self.is_draft(&draft, Signal::Form);
                }
                self.forms.borrow_mut().push(form.clone());
                form
            });
            let (app, turned) = (Rc::downgrade(self), Rc::downgrade(&form));
            form.furnish(move || {
                if let Some((app, form)) = app.upgrade().zip(turned.upgrade()) {
                    form.turn(&mut app.known.borrow_mut());
                }
            });
            let (app, changed) = (Rc::downgrade(self), Rc::downgrade(&form));
            form.watch_mode(move || {
                if let Some((app, form)) = app.upgrade().zip(changed.upgrade()) {
                    form.refresh(&app.known.borrow());
                }
            });
            form.remember(&mut self.known.borrow_mut());
            self.refresh_form(&form);
        }
    }
}
