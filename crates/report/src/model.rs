//! What the page knows: the last answer, and what the user asked for and selected.

use kaifu_core::report::{Order, Which};
use kaifu_core::time::Millis;
use kaifu_protocol::report::{Question, Report};
use std::collections::HashSet;

/// By how much the list grows, and how long it is unless the user asks for more.
pub const PAGE_LEN: u32 = 50;

/// Everything that the view is made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    /// The worker's last answer; `None` before the first.
    pub report: Option<Report>,
    /// Whether the worker has stopped answering.
    pub silent: bool,
    /// What is asked for.
    pub asked: Asked,
    /// The emails that the user has selected.
    pub selected: HashSet<String>,
    /// Whether the emails that were forgotten last can be brought back.
    pub forgotten: bool,
    /// The time, for relative times.
    pub now: Millis,
}

/// What the user asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The period that the emails were sent in.
    pub period: Period,
    /// The mailbox that they were sent from; any when `None`.
    pub mailbox: Option<String>,
    /// Which of them are listed.
    pub which: Which,
    /// Words that must occur in them.
    pub text: String,
    /// What they are sorted by.
    pub order: Order,
    /// Whether that is turned around.
    pub reversed: bool,
    /// At most how many are listed.
    pub limit: u32,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            period: Period::default(),
            mailbox: None,
            which: Which::default(),
            text: String::new(),
            order: Order::default(),
            reversed: false,
            limit: PAGE_LEN,
        }
    }
}

impl Asked {
    /// The question for the worker.
    #[must_use]
    pub fn question(&self) -> Question {
        Question {
            days: self.period.days(),
            mailbox: self.mailbox.clone(),
            which: self.which.code(),
            text: self.text.clone(),
            order: self.order.code().to_owned(),
            reversed: self.reversed,
            limit: self.limit,
        }
    }

    /// Lists the emails of `which`, from the first on.
    pub fn list(&mut self, which: Which) {
        self.which = which;
        self.limit = PAGE_LEN;
    }

    /// Sorts by `order`; where that is so already, the other way round.
    pub fn sort(&mut self, order: Order) {
        self.reversed = self.order == order && !self.reversed;
        self.order = order;
    }

    /// Whether fewer emails are listed than were sent in the period.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        self.which != Which::All || !self.text.trim().is_empty()
    }
}

impl Model {
    /// Asks what `change` makes of the question. What was selected in another list is so no longer.
    pub fn ask(&mut self, change: impl FnOnce(&mut Asked)) {
        self.forgotten = false;
        let before = self.asked.clone();
        change(&mut self.asked);
        let is_same_list = Asked {
            order: self.asked.order,
            reversed: self.asked.reversed,
            limit: self.asked.limit,
            ..before
        } == self.asked;
        if !is_same_list {
            self.selected.clear();
        }
    }

    /// Selects the emails that are listed, or none of them where all are selected.
    pub fn select_all(&mut self) {
        let listed = self.report.iter().flat_map(|report| &report.emails);
        let listed: Vec<String> = listed.map(|email| email.message.clone()).collect();
        if self.has_all_selected() {
            self.selected.retain(|message| !listed.contains(message));
        } else {
            self.selected.extend(listed);
        }
    }

    /// Selects an email, or selects it no longer.
    pub fn select(&mut self, message: &str) {
        if !self.selected.remove(message) {
            self.selected.insert(message.to_owned());
        }
    }

    /// Whether every email that is listed is selected, and there is one.
    #[must_use]
    pub fn has_all_selected(&self) -> bool {
        let emails = self.report.as_ref().map(|report| &report.emails);
        emails.is_some_and(|emails| {
            !emails.is_empty() && emails.iter().all(|it| self.selected.contains(&it.message))
        })
    }
}

/// The period that a report is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Period {
    /// The last 7 days.
    Week,
    /// The last 30 days.
    #[default]
    Month,
    /// The last 90 days.
    Quarter,
    /// All that is kept.
    All,
}

impl Period {
    /// Every period, the shortest first.
    pub const ALL: [Self; 4] = [Self::Week, Self::Month, Self::Quarter, Self::All];

    /// How many days it has; `None` for all.
    #[must_use]
    pub const fn days(self) -> Option<u32> {
        match self {
            Self::Week => Some(7),
            Self::Month => Some(30),
            Self::Quarter => Some(90),
            Self::All => None,
        }
    }

    /// The name in `data-period`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Week => "7",
            Self::Month => "30",
            Self::Quarter => "90",
            Self::All => "all",
        }
    }

    /// The period of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.name() == name)
    }
}
