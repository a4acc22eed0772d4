//! The files that are saved.

use crate::locale::Locale;
use crate::sample::{NOW, facts, model, report, some};
use kaifu_core::report::Standing;
use kaifu_report::export::{Format, csv, json};
use serde_json::Value;

#[test]
fn a_table_has_a_row_for_each_email() {
    let report = report(&[facts(Standing::Opened, 5, &[1, 26])]);
    let text = csv(&report.emails, &Locale::english());
    let sent = report.emails[0].sent_at;
    let (first, last) = (sent + 3_600_000, sent + 26 * 3_600_000);
    let expected = format!(
        "\u{feff}sent_at,subject,recipients,mailbox,state,opens,first_open_at,last_activity_at\r\n\
         \"iso:{sent}\",\"Plan 1\",\"Anna <b> <anna@example.com>\",\"me@example.org\",\"opened\",\"2\",\"iso:{first}\",\"iso:{last}\"\r\n"
    );
    assert_eq!(text, expected);
}

#[test]
fn no_field_breaks_out_or_is_a_formula() {
    let mut report = report(&[facts(Standing::Unseen, 5, &[])]);
    for (subject, expected) in [
        ("a \"b\", c\nd", "\"a \"\"b\"\", c\nd\""),
        (
            "=HYPERLINK(\"http://a.example\")",
            "\"'=HYPERLINK(\"\"http://a.example\"\")\"",
        ),
        ("+1", "\"'+1\""),
        ("-1", "\"'-1\""),
        ("@SUM(A1)", "\"'@SUM(A1)\""),
        ("\tx", "\"'\tx\""),
        ("お見積もり", "\"お見積もり\""),
    ] {
        report.emails[0].subject = subject.to_owned();
        let text = csv(&report.emails, &Locale::english());
        assert!(text.contains(&format!(",{expected},")), "{text}");
    }
}

#[test]
fn the_figures_and_emails_are_json() {
    let mut report = report(&some());
    report.emails[0].subject = "\"\\\n\u{1}お".to_owned();
    let asked = model(&[]).asked;
    let text = json(&report, &report.emails, &asked, NOW, &Locale::english());
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["made_at"], format!("iso:{}", NOW.0));
    assert_eq!(value["period_days"], 30);
    assert_eq!(value["emails_listed"], "all");
    assert_eq!(value["figures"]["opened"], 3);
    assert_eq!(value["figures"]["automated_loads"], 2);
    assert_eq!(value["first_opens_ms"], Value::Null);
    assert_eq!(
        value["opens_by_hour_of_week"].as_array().unwrap().len(),
        168
    );
    let emails = value["emails"].as_array().unwrap();
    assert_eq!(emails.len(), report.emails.len());
    assert_eq!(emails[0]["subject"], "\"\\\n\u{1}お");
    assert_eq!(emails[10]["opens"], 2);
    assert_eq!(emails[10]["first_week"][1]["counts"], true);
    assert_eq!(emails[10]["recipients"][0]["address"], "anna@example.com");
}

/// A message's number is part of its image's address, so no file has it.
#[test]
fn no_file_says_how_an_image_is_named() {
    let report = report(&some());
    let words = Locale::english();
    let asked = model(&[]).asked;
    for text in [
        csv(&report.emails, &words),
        json(&report, &report.emails, &asked, NOW, &words),
    ] {
        assert!(!text.contains("message1"), "{text}");
        for word in ["token", "key", "secret", "account"] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
}

#[test]
fn a_file_is_named_after_its_day() {
    assert_eq!(
        Format::Csv.file("2026-12-01T00:00:00.000Z"),
        "kaifu-2026-12-01.csv"
    );
    assert_eq!(
        Format::Json.file("2026-12-01T00:00:00.000Z"),
        "kaifu-2026-12-01.json"
    );
    for (name, format) in [
        ("csv", Some(Format::Csv)),
        ("json", Some(Format::Json)),
        ("more", None),
    ] {
        assert_eq!(Format::named(name), format);
    }
}
