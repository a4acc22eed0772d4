//! What the report page asks for, and what it is told.

use crate::content::Recipient;
use crate::state::State;
use kaifu_core::report::{self, Standing};
use serde::{Deserialize, Serialize};

/// Asks for the report as soon as it differs from `revision`; held open until then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchReport {
    /// The revision of the last answer, 0 for none.
    pub revision: u64,
    /// What the report is about, and what it lists.
    pub question: Question,
}

/// What a report is about, and what it lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The emails sent in so many last days; all that are kept when `None`.
    pub days: Option<u32>,
    /// The mailbox that they were sent from; any when `None`.
    #[serde(default)]
    pub mailbox: Option<String>,
    /// Which of these are listed, as the code of core's `Which`.
    pub which: String,
    /// Words that must all occur in their subject, or a recipient's name or address.
    #[serde(default)]
    pub text: String,
    /// What they are sorted by, as the code of core's `Order`.
    pub order: String,
    /// Whether that order is turned around: the oldest, least or least sure first.
    #[serde(default)]
    pub reversed: bool,
    /// At most how many are listed.
    pub limit: u32,
}

/// The answer to [`WatchReport`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// How many emails are kept, of whichever mailbox and period.
    pub kept: u32,
    /// Every mailbox that emails were sent from, in alphabetical order.
    pub mailboxes: Vec<String>,
    /// How many emails of the period stand where.
    pub figures: Figures,
    /// How long it took until they were first opened.
    pub first_opens: FirstOpens,
    /// How many probable opens there were in each hour of the week in the user's zone, from Monday's
    /// first on: 168 numbers.
    pub hours: Vec<u32>,
    /// What can be said of how these are spread.
    pub spread: Spread,
    /// The weeks in which the emails were sent, oldest first.
    pub weeks: Vec<Week>,
    /// Whom they went to: those first of whose emails an open was detected last.
    pub people: Vec<Contact>,
    /// The same by domain.
    pub domains: Vec<Contact>,
    /// The emails that were asked for.
    pub emails: Vec<Email>,
    /// How many there are of these in all.
    pub matching: u32,
}

/// How many emails stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// How many there are of each standing, in the order of core's `Standing::ALL`.
    pub standings: [u32; Standing::ALL.len()],
    /// Loads that do not count, as a machine made them or may have.
    pub automated: u32,
    /// Loads by the sender's own program.
    pub own: u32,
    /// Emails that were sent some days ago and of which no open was detected.
    pub quiet: u32,
}

/// How long first opens took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstOpens {
    /// Of how many emails the first open is known.
    pub emails: u32,
    /// After how many milliseconds a quarter, half and three quarters of them were opened.
    #[serde(default)]
    pub quartiles: Option<[i64; 3]>,
    /// How many took no longer than each of core's `WITHIN`, and how many longer than all.
    pub within: [u32; report::WITHIN.len() + 1],
}

/// What can be said of how opens are spread over weekdays and hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// There are too few opens to say.
    #[default]
    TooFew,
    /// As chance alone spreads them.
    ByChance,
    /// Otherwise than chance does.
    Uneven,
}

/// The emails of one week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Week {
    /// Its Monday in the user's zone, in days since 1970-01-01.
    pub monday: i64,
    /// How many were tracked.
    pub tracked: u32,
    /// How many of these are thought to have been opened since.
    pub opened: u32,
}

/// A recipient, or the domain of several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The address or the domain, in lower case.
    pub key: String,
    /// The name; may be empty.
    pub name: String,
    /// How many emails went there.
    pub emails: u32,
    /// Of how many of these an open was detected, by whichever of its recipients.
    pub opened: u32,
    /// When an open was last detected: milliseconds since the Unix epoch.
    #[serde(default)]
    pub last_at: Option<i64>,
}

/// One email of the list. It holds nothing by which its image's address could be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    /// The message: 8 bytes in base64url without padding.
    pub message: String,
    /// The subject; may be empty.
    pub subject: String,
    /// To, cc and bcc.
    pub recipients: Vec<Recipient>,
    /// The mailbox it was sent from, where known.
    #[serde(default)]
    pub mailbox: Option<String>,
    /// When it was sent, or is to be: milliseconds since the Unix epoch.
    pub sent_at: i64,
    /// What is known about it.
    pub state: State,
    /// How many separate views were probably opens.
    pub opens: u32,
    /// When the first of these was: milliseconds since the Unix epoch.
    #[serde(default)]
    pub first_open_at: Option<i64>,
    /// When anything last came of it that was not the sender's own.
    #[serde(default)]
    pub last_at: Option<i64>,
    /// The loads of its first week, oldest first.
    pub first_week: Vec<Load>,
}

/// One load of an email's image or link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// When: milliseconds since the Unix epoch.
    pub at: i64,
    /// Whether it counts as an open.
    pub counts: bool,
}

impl Email {
    /// The email of `facts` with its other details.
    #[must_use]
    pub fn new(message: &str, subject: &str, state: State, facts: &report::Facts) -> Self {
        let recipients = facts.recipients.iter().map(|person| Recipient {
            address: person.address.clone(),
            name: person.name.clone(),
        });
        let loads = facts.first_week.iter().map(|load| Load {
            at: load.at.0,
            counts: load.counts,
        });
        Self {
            message: message.to_owned(),
            subject: subject.to_owned(),
            recipients: recipients.collect(),
            mailbox: None,
            sent_at: facts.sent_at.0,
            state,
            opens: u32::try_from(facts.opens.len()).unwrap_or(u32::MAX),
            first_open_at: facts.first_open().map(|at| at.0),
            last_at: facts.last_at.map(|at| at.0),
            first_week: loads.collect(),
        }
    }
}

impl From<State> for Standing {
    fn from(state: State) -> Self {
        match state {
            State::Confirmed => Self::Confirmed,
            State::Opened => Self::Opened,
            State::Unsure => Self::Unsure,
            State::Machine => Self::Machine,
            State::Unseen => Self::Unseen,
            State::Refused => Self::Refused,
            State::Untracked | State::Off => Self::Untracked,
            State::Scheduled => Self::Scheduled,
            State::Unfollowed => Self::Unfollowed,
            State::Waiting => Self::Waiting,
        }
    }
}

impl From<Standing> for State {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Confirmed => Self::Confirmed,
            Standing::Opened => Self::Opened,
            Standing::Unsure => Self::Unsure,
            Standing::Machine => Self::Machine,
            Standing::Unseen => Self::Unseen,
            Standing::Refused => Self::Refused,
            Standing::Untracked => Self::Untracked,
            Standing::Scheduled => Self::Scheduled,
            Standing::Unfollowed => Self::Unfollowed,
            Standing::Waiting => Self::Waiting,
        }
    }
}

impl From<report::Figures> for Figures {
    fn from(figures: report::Figures) -> Self {
        Self {
            standings: figures.standings,
            automated: figures.automated,
            own: figures.own,
            quiet: figures.quiet,
        }
    }
}

impl From<Figures> for report::Figures {
    fn from(figures: Figures) -> Self {
        Self {
            standings: figures.standings,
            automated: figures.automated,
            own: figures.own,
            quiet: figures.quiet,
        }
    }
}

impl From<report::FirstOpens> for FirstOpens {
    fn from(first_opens: report::FirstOpens) -> Self {
        Self {
            emails: first_opens.emails,
            quartiles: first_opens.quartiles,
            within: first_opens.within,
        }
    }
}

impl From<report::Spread> for Spread {
    fn from(spread: report::Spread) -> Self {
        match spread {
            report::Spread::TooFew => Self::TooFew,
            report::Spread::ByChance => Self::ByChance,
            report::Spread::Uneven => Self::Uneven,
        }
    }
}

impl From<report::Week> for Week {
    fn from(week: report::Week) -> Self {
        Self {
            monday: week.monday,
            tracked: week.tracked,
            opened: week.opened,
        }
    }
}

impl From<report::Contact> for Contact {
    fn from(contact: report::Contact) -> Self {
        Self {
            key: contact.key,
            name: contact.name,
            emails: contact.emails,
            opened: contact.opened,
            last_at: contact.last_at.map(|at| at.0),
        }
    }
}
