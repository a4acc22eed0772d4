//! Requests and answers in the form that Gmail has used since 2022.

use kaifu_core::backend::BackendUrl;
use kaifu_core::id::{AccountId, MessageId, SealKey, ServerKey};
use kaifu_core::mail::insertion::Insertion;
use kaifu_core::mail::mode::Mode;
use kaifu_core::mail::pixel::Pixels;
use kaifu_core::time::{Day, Millis};
use kaifu_core::token::{RECORDED_DAYS, last_day};
use serde_json::{Value, json};

/// Where an operation keeps its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The first save of a new conversation.
    New,
    /// The first save of a reply, or one that is sent at once.
    Reply,
    /// A later save, or the send of what was saved.
    Update,
}

pub(crate) const PLACES: [Place; 3] = [Place::New, Place::Reply, Place::Update];
pub(crate) const DRAFT: &[&str] = &["^all", "^r", "^r_bt"];
pub(crate) const SEND: &[&str] = &["^all", "^pfg", "^f_bt", "^f_btns", "^f_cl", "^i", "^u"];
pub(crate) const SCHEDULED: &[&str] = &["^all", "^scheduled"];

/// A message from `writer@example.com` to three people.
pub(crate) fn message(id: &str, labels: &[&str], parts: &[(i64, &str)]) -> Value {
    let parts: Vec<_> = parts
        .iter()
        .map(|(code, html)| json!([code, html]))
        .collect();
    let person = |address: &str, name: &str| json!([1, address, name]);
    let mut fields = vec![Value::Null; 51];
    fields[0] = json!(id);
    fields[1] = person("writer@example.com", "Writer");
    fields[2] = json!([
        person("first@example.org", "First \"1\""),
        [1, "second@example.org"]
    ]);
    fields[4] = json!([person("hidden@example.org", "")]);
    fields[6] = json!(1_700_000_000_000_i64);
    fields[7] = json!("Größe & \"rest\"");
    fields[8] = json!([null, parts, null, null, null, null, 1]);
    fields[10] = json!(labels);
    fields[17] = json!(1_700_000_000_000_i64);
    fields[42] = json!([0, 0, 2, 0]);
    fields[50] = json!(format!("s:0123456789abcdef|#{id}|0"));
    Value::Array(fields)
}

/// An operation that carries `message` in `thread`.
pub(crate) fn operation(place: Place, thread: &str, message: &Value) -> Value {
    let actions = match place {
        Place::New => json!([null, null, [["", null, 1, thread, [message]]]]),
        Place::Reply => json!([null, [message, "msg-f:1", 1, null, [1]]]),
        Place::Update => {
            let mut actions = vec![Value::Null; 13];
            actions.push(json!([message, null, 1]));
            Value::Array(actions)
        }
    };
    json!([7, [thread, actions]])
}

/// An operation that changes labels.
pub(crate) fn relabel(thread: &str, message: &str) -> Value {
    json!([
        8,
        [
            thread,
            [
                null,
                null,
                null,
                null,
                null,
                null,
                [["^io_re"], ["^io_fwd"], [message]]
            ]
        ]
    ])
}

pub(crate) fn request(operations: &[Value]) -> Value {
    json!([
        [null, null, 2],
        [operations],
        null,
        [1_700_000_000_000_i64, 1, 5, 1, 205],
        2
    ])
}

/// A request that sends one message.
pub(crate) fn send(parts: &[(i64, &str)]) -> Value {
    let message = message("msg-a:r1", SEND, parts);
    request(&[operation(Place::Update, "thread-a:r1", &message)])
}

/// An answer about one conversation: `(sync id, legacy id, labels)` of its messages.
pub(crate) fn answer(thread: &str, legacy: &str, messages: &[(&str, &str, &[&str])]) -> Value {
    let messages: Vec<_> = messages
        .iter()
        .map(|(id, legacy, labels)| {
            let mut fields = vec![Value::Null; 56];
            fields[0] = json!(id);
            fields[10] = json!(labels);
            fields[13] = json!(format!("<{legacy}@mail.example.com>"));
            fields[55] = json!(legacy);
            Value::Array(fields)
        })
        .collect();
    let mut inner = vec![Value::Null; 20];
    inner[4] = Value::Array(messages);
    inner[19] = json!(legacy);
    let thread = json!([[
        thread,
        null,
        [null, null, null, null, null, null, [inner, 5]]
    ]]);
    json!([
        [[[7, 0, null, 5]]],
        [0, null, null, null, [], [thread]],
        [[["^all", 1, 2]]],
        [5]
    ])
}

/// The images of one of several accounts.
pub(crate) fn pixels(account: u8) -> Pixels {
    let backend: BackendUrl = "https://kaifu.example.org".parse().unwrap();
    let account = AccountId([account; 8]);
    Pixels::new(&backend, account, ServerKey([3; 32]).account_key(account))
}

const SEAL_KEY: SealKey = SealKey([4; 32]);

/// When every email of these tests is sent.
const SENT: Millis = Millis(1_790_000_000_000);

/// To the end of which day it is tracked.
const fn until() -> Day {
    last_day(SENT, RECORDED_DAYS)
}

/// The address of one of our images.
pub(crate) fn own(message: u8) -> String {
    pixels(1).url(MessageId([message; 8]), until())
}

/// What an email is given with that image.
pub(crate) fn insertion(message: u8) -> Insertion {
    let message = MessageId([message; 8]);
    Insertion::new(&pixels(1), None, message, until(), Mode::Image, None)
}

/// What an email is given with that image and a line.
pub(crate) fn with_line(message: u8) -> Insertion {
    let sentence = Some("See [here], \"please\".");
    let message = MessageId([message; 8]);
    Insertion::new(
        &pixels(1),
        Some(&SEAL_KEY),
        message,
        until(),
        Mode::Both,
        sentence,
    )
}

/// An address as Gmail shows it.
pub(crate) fn proxied(url: &str) -> String {
    format!("https://ci5.googleusercontent.com/proxy/AabX-c9_Z=s0-d-e1-ft#{url}")
}
