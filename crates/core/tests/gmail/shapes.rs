//! Requests of another shape than today's: whatever Gmail adds at an end is passed over, and whatever
//! it moves, wraps or turns into something else is left alone.

use crate::captures::captures;
use crate::fuzz::check;
use crate::payload::{
    DRAFT, PLACES, SEND, insertion, message, operation, pixels, relabel, request,
};
use kaifu_core::gmail::{Kind, Pixel, Request, Wish, amend};
use serde_json::{Value, json};

/// The largest capture that every place is tried in, in bytes.
const MAX_BYTES: usize = 5_000;

fn seeds() -> Vec<Value> {
    let quote = (2, "<br><div class=\"gmail_quote\">Old words</div>");
    let made = PLACES.map(|place| {
        let send = message("msg-a:r1", SEND, &[(0, "<p>Words</p>"), quote]);
        let draft = message("msg-a:r2", DRAFT, &[(0, "<p>Other</p>")]);
        request(&[
            operation(place, "thread-a:r2", &draft),
            operation(place, "thread-a:r1", &send),
            relabel("thread-a:r1", "msg-a:r1"),
        ])
    });
    let real = captures().into_iter().filter_map(|(name, body, _)| {
        let is_request = name.contains("_request") && body.len() < MAX_BYTES;
        is_request.then(|| serde_json::from_str(&body).unwrap())
    });
    made.into_iter().chain(real).collect()
}

/// The way to every value in `value`, itself included.
fn places(value: &Value, here: &mut Vec<usize>, found: &mut Vec<Vec<usize>>) {
    found.push(here.clone());
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        here.push(index);
        places(item, here, found);
        here.pop();
    }
}

fn at<'a>(value: &'a mut Value, place: &[usize]) -> &'a mut Value {
    place.iter().fold(value, |value, index| &mut value[*index])
}

fn sends(body: &str) -> usize {
    let request = Request::parse(body).unwrap();
    let is_send = |kind: Kind| kind == Kind::Send;
    request
        .outgoing
        .iter()
        .filter(|one| is_send(one.kind))
        .count()
}

fn added(body: &str) -> Option<usize> {
    let amended = amend(body, &pixels(1), |_| (Wish::Track(insertion(9)), ()))?;
    let is_added = amended
        .messages
        .iter()
        .filter(|report| report.pixel == Pixel::Added);
    Some(is_added.count())
}

#[test]
fn whatever_is_moved_wrapped_or_turned_into_something_else_costs_no_mail() {
    let twists: [fn(&mut Value); 6] = [
        |value| *value = Value::Null,
        |value| *value = json!([value.take()]),
        |value| *value = json!({ "1": value.take() }),
        |value| *value = json!("x"),
        |value| {
            if let Some(items) = value.as_array_mut() {
                items.insert(0, Value::Null);
            }
        },
        |value| {
            if let Some(items) = value.as_array_mut() {
                items.reverse();
            }
        },
    ];
    let mut untouched = 0;
    let mut tried = 0;
    for seed in seeds() {
        let sends = sends(&seed.to_string());
        let mut found = Vec::new();
        places(&seed, &mut Vec::new(), &mut found);
        for place in found {
            for twist in twists {
                let mut twisted = seed.clone();
                twist(at(&mut twisted, &place));
                let body = twisted.to_string();
                tried += 1;
                untouched += usize::from(!check(&body));
                assert!(added(&body).unwrap_or(0) <= sends, "{body}");
            }
        }
    }
    // Were all of them left alone, or none, this would test nothing.
    assert!(tried > 1_000 && untouched > tried / 20 && untouched < tried);
}

#[test]
fn what_is_added_at_an_end_is_passed_over() {
    for seed in seeds() {
        let sends = sends(&seed.to_string());
        let mut found = Vec::new();
        places(&seed, &mut Vec::new(), &mut found);
        for place in found {
            let mut longer = seed.clone();
            let Some(items) = at(&mut longer, &place).as_array_mut() else {
                continue;
            };
            // A third field of a part, or another operation, part, person or label of a shape that
            // nobody knows, is no longer the known form.
            let is_list = items.iter().any(|item| item.is_array() || item.is_string());
            let is_fields = items.len() > 6 && items.iter().any(Value::is_null);
            if is_list && !is_fields {
                continue;
            }
            items.extend([json!(7), Value::Null, json!(["new", [1, 2]])]);
            let body = longer.to_string();
            assert_eq!(added(&body), Some(sends), "{body}");
        }
    }
}

#[test]
fn a_known_request_inside_another_form_is_not_read() {
    for seed in seeds() {
        for body in [
            json!({ "1": seed }),
            json!({ "2": { "1": seed } }),
            json!([seed]),
            json!([null, { "1": seed[1] }, seed[2]]),
            json!([null, [[null, seed[1][0]]], seed[2]]),
        ] {
            let body = body.to_string();
            let amended = amend(&body, &pixels(1), |_| (Wish::Track(insertion(9)), ()));
            assert!(
                amended.is_none_or(|it| it.body.is_none() && it.messages.is_empty()),
                "{body}"
            );
        }
    }
}
