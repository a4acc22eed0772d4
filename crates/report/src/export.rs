//! The list of emails and the figures as files for other programs. They hold what the page shows:
//! never a key, a token, a secret or the number by which an email's image is named.

use crate::model::Asked;
use kaifu_core::report::Standing;
use kaifu_core::time::Millis;
use kaifu_l10n::Words;
use kaifu_protocol::content::Recipient;
use kaifu_protocol::report::{Email, Report};
use kaifu_ui::download::dated;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table of the emails, for spreadsheet programs.
    Csv,
    /// The emails and the figures, for other programs.
    Json,
}

impl Format {
    /// The format of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// What a file of it is called that is made at `now`, which is in ISO 8601.
    #[must_use]
    pub fn file(self, now: &str) -> String {
        let ending = match self {
            Self::Csv => ".csv",
            Self::Json => ".json",
        };
        dated("kaifu-", now, ending)
    }

    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv;charset=utf-8",
            Self::Json => "application/json",
        }
    }
}

/// The columns of the table.
const COLUMNS: [&str; 8] = [
    "sent_at",
    "subject",
    "recipients",
    "mailbox",
    "state",
    "opens",
    "first_open_at",
    "last_activity_at",
];

/// `emails` as comma-separated values (RFC 4180), times in ISO 8601. It begins with a byte order
/// mark, without which spreadsheet programs take it for another encoding.
#[must_use]
pub fn csv<'a>(emails: impl IntoIterator<Item = &'a Email>, words: &impl Words) -> String {
    let mut text = format!("\u{feff}{}\r\n", COLUMNS.join(","));
    for email in emails {
        let recipients: Vec<String> = email.recipients.iter().map(named).collect();
        let row = [
            words.iso(Millis(email.sent_at)),
            email.subject.clone(),
            recipients.join("; "),
            email.mailbox.clone().unwrap_or_default(),
            email.state.name().to_owned(),
            email.opens.to_string(),
            iso(email.first_open_at, words).unwrap_or_default(),
            iso(email.last_at, words).unwrap_or_default(),
        ];
        let row: Vec<String> = row.iter().map(|value| field(value)).collect();
        text.push_str(&row.join(","));
        text.push_str("\r\n");
    }
    text
}

/// A field between quotes. What a spreadsheet would take for a formula gets a quote in front
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
fn field(value: &str) -> String {
    let guard = if value.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    format!("\"{guard}{}\"", value.replace('"', "\"\""))
}

fn named(recipient: &Recipient) -> String {
    if recipient.name.is_empty() {
        recipient.address.clone()
    } else {
        format!("{} <{}>", recipient.name, recipient.address)
    }
}

fn iso(at: Option<i64>, words: &impl Words) -> Option<String> {
    at.map(|at| words.iso(Millis(at)))
}

/// The figures of `report` and these of its `emails` as JSON, made at `now` for what was `asked`.
#[must_use]
pub fn json<'a>(
    report: &Report,
    emails: impl IntoIterator<Item = &'a Email>,
    asked: &Asked,
    now: Millis,
    words: &impl Words,
) -> String {
    let standings = Standing::ALL.iter().zip(&report.figures.standings);
    let mut figures: Vec<(&str, String)> = standings
        .map(|(standing, count)| (standing.name(), count.to_string()))
        .collect();
    figures.push(("automated_loads", report.figures.automated.to_string()));
    figures.push(("own_loads", report.figures.own.to_string()));
    let emails: Vec<String> = emails.into_iter().map(|it| email(it, words)).collect();
    let period = asked.period.days();
    let whole = object(&[
        ("made_at", string(&words.iso(now))),
        (
            "period_days",
            period.map_or_else(null, |days| days.to_string()),
        ),
        ("mailbox", optional(asked.mailbox.as_deref())),
        ("emails_listed", string(&asked.which.code())),
        ("search", string(&asked.text)),
        ("figures", object(&figures)),
        ("first_opens_ms", quartiles(report.first_opens.quartiles)),
        ("opens_by_hour_of_week", numbers(&report.hours)),
        ("emails", list(&emails)),
    ]);
    whole + "\n"
}

fn email(email: &Email, words: &impl Words) -> String {
    let recipients: Vec<String> = email
        .recipients
        .iter()
        .map(|it| object(&[("name", string(&it.name)), ("address", string(&it.address))]))
        .collect();
    let loads: Vec<String> = email
        .first_week
        .iter()
        .map(|load| {
            let at = string(&words.iso(Millis(load.at)));
            object(&[("at", at), ("counts", load.counts.to_string())])
        })
        .collect();
    object(&[
        ("sent_at", string(&words.iso(Millis(email.sent_at)))),
        ("subject", string(&email.subject)),
        ("recipients", list(&recipients)),
        ("mailbox", optional(email.mailbox.as_deref())),
        ("state", string(email.state.name())),
        ("opens", email.opens.to_string()),
        (
            "first_open_at",
            optional(iso(email.first_open_at, words).as_deref()),
        ),
        (
            "last_activity_at",
            optional(iso(email.last_at, words).as_deref()),
        ),
        ("first_week", list(&loads)),
    ])
}

fn quartiles(quartiles: Option<[i64; 3]>) -> String {
    quartiles.map_or_else(null, |[quarter, half, most]| {
        object(&[
            ("quarter", quarter.to_string()),
            ("half", half.to_string()),
            ("three_quarters", most.to_string()),
        ])
    })
}

fn numbers(numbers: &[u32]) -> String {
    list(&numbers.iter().map(ToString::to_string).collect::<Vec<_>>())
}

fn null() -> String {
    "null".to_owned()
}

fn optional(text: Option<&str>) -> String {
    text.map_or_else(null, string)
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

fn object(members: &[(&str, String)]) -> String {
    let members: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{}:{value}", string(name)))
        .collect();
    format!("{{{}}}", members.join(","))
}

/// A JSON string (RFC 8259, section 7).
fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\0'..='\x1f' => {
                let code = format!("\\u{:04x}", u32::from(character));
                quoted.push_str(&code);
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
