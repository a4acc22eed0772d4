//! Whom emails went to.

use super::*;

/// An email to these people, each a name and an address.
fn to(facts: Facts, people: &[(&str, &str)]) -> Facts {
    let recipients = people.iter().map(|(name, address)| Person {
        address: (*address).to_owned(),
        name: (*name).to_owned(),
    });
    Facts {
        recipients: recipients.collect(),
        ..facts
    }
}

#[test]
fn recipients_stand_in_the_order_of_what_was_detected_last() {
    let emails = [
        to(opened(9 * DAY, &[HOUR]), &[("Old", "Anna@example.com")]),
        to(
            email(Standing::Unseen, DAY),
            &[("Anna", "anna@Example.com")],
        ),
        to(
            opened(2 * DAY, &[HOUR]),
            &[
                ("", "ben@b.example"),
                ("Ben", "BEN@b.example"),
                ("", "cy@b.example"),
            ],
        ),
        to(email(Standing::Unseen, DAY), &[("", "dora@b.example")]),
        to(email(Standing::Untracked, DAY), &[("", "eve@b.example")]),
    ];
    let people = people(&emails);
    let all: Vec<_> = people
        .iter()
        .map(|it| (it.key.as_str(), it.name.as_str(), it.emails, it.opened))
        .collect();
    let expected = [
        ("ben@b.example", "Ben", 1, 1),
        ("cy@b.example", "", 1, 1),
        ("anna@example.com", "Anna", 2, 1),
        ("dora@b.example", "", 1, 0),
    ];
    assert_eq!(all, expected);
    assert_eq!(people[2].last_at, Some(NOW.plus(-9 * DAY + HOUR)));
    assert_eq!(people[3].last_at, None);
    let domains = domains(&emails);
    let all: Vec<_> = domains
        .iter()
        .map(|it| (it.key.as_str(), it.name.as_str(), it.emails, it.opened))
        .collect();
    assert_eq!(all, [("b.example", "", 2, 1), ("example.com", "", 2, 1)]);
}

#[test]
fn what_is_no_address_has_no_domain() {
    assert_eq!(domain("anna@mail.example.com"), "mail.example.com");
    assert_eq!(domain("\"a@b\"@example.com"), "example.com");
    assert_eq!(domain("undisclosed"), "");
    let emails = [to(email(Standing::Unseen, DAY), &[("", "undisclosed")])];
    assert_eq!((people(&emails).len(), domains(&emails).len()), (1, 0));
}
