use super::*;
use proptest::prelude::*;

fn agrees(text: &str) {
    let expected = serde_json::from_str::<serde_json::Value>(text);
    assert_eq!(
        Document::parse(text).is_some(),
        expected.is_ok(),
        "{text} {expected:?}"
    );
}

#[test]
fn only_json_is_read() {
    for text in [
        "null",
        " [ ] ",
        "{}",
        "[1,2]",
        "[[],{}]",
        r#"{"a":[1,{"b":null}],"c":"d"}"#,
        "-0.5e+10",
        "0",
        "-0",
        "1E3",
        r#""\ud83d\ude00\n\/""#,
        "\u{feff}[]",
        "",
        " ",
        "[",
        "]",
        "[,1]",
        "[1,]",
        "[1,,2]",
        "{,}",
        r#"{"a":1,}"#,
        r#"{"a"}"#,
        r#"{"a":}"#,
        "{1:2}",
        "[1}",
        r#"{"a":1]"#,
        "01",
        "1.",
        ".5",
        "+1",
        "-",
        "1e",
        "1e+",
        "nul",
        "nulll",
        "truefalse",
        "True",
        r#"""#,
        r#""\x""#,
        r#""\u12g4""#,
        "\"\n\"",
        "\"\u{7f}é😀\"",
        "[] []",
        "[1] x",
        "'a'",
        "[\"a\"\"b\"]",
        "[1 2]",
        r#"{"a" 1}"#,
        "\u{a0}[]",
        "/**/[]",
        "NaN",
        "[\u{b}]",
    ] {
        agrees(text);
    }
}

#[test]
fn the_bounds_hold() {
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    assert!(Document::parse(&nested(MAX_DEPTH)).is_some());
    assert!(Document::parse(&nested(MAX_DEPTH + 1)).is_none());
    let many = |values| format!("[{}0]", "0,".repeat(values - 2));
    assert!(Document::parse(&many(MAX_VALUES)).is_some());
    assert!(Document::parse(&many(MAX_VALUES + 1)).is_none());
    assert!(Document::parse(&format!("\"{}\"", "a".repeat(MAX_BYTES))).is_none());
}

#[test]
fn values_are_found_by_their_places() {
    let text = r#" [ null , [7, "a\u0022b", {"x":[1,2]}, [], "c"], -3 ] "#;
    let document = Document::parse(text).unwrap();
    let root = document.root();
    assert!(root.get(0).is_none() && root.get(3).is_none());
    assert_eq!(root.get(2).and_then(Value::integer), Some(-3));
    assert_eq!(root.path(&[1, 0]).and_then(Value::integer), Some(7));
    assert_eq!(
        root.path(&[1, 1]).and_then(Value::string).as_deref(),
        Some("a\"b")
    );
    assert_eq!(
        &text[root.path(&[1, 1]).unwrap().string_span().unwrap()],
        r"a\u0022b"
    );
    assert!(root.path(&[1, 2, 0]).is_none());
    assert_eq!(root.path(&[1, 3]).unwrap().items().unwrap().count(), 0);
    assert_eq!(
        root.path(&[1, 4]).and_then(Value::string).as_deref(),
        Some("c")
    );
    assert_eq!(root.get(1).unwrap().items().unwrap().count(), 5);
}

proptest! {
    #[test]
    fn any_text_is_judged_as_a_known_reader_does(text in r#"[\[\]{},:"\\u0-9a-fA-F.eE+\-ntrl \n]{0,24}"#) {
        // That reader refuses half surrogate pairs and numbers beyond f64; the grammar allows both.
        let known = serde_json::from_str::<serde_json::Value>(&text).is_ok();
        if known {
            prop_assert!(Document::parse(&text).is_some());
        } else if !text.contains("\\u") && !text.contains(['e', 'E']) {
            prop_assert!(Document::parse(&text).is_none());
        }
    }

    #[test]
    fn strings_read_as_they_were_written(text: String) {
        let json = serde_json::to_string(&text).unwrap();
        let document = Document::parse(&json).unwrap();
        let value = document.root();
        prop_assert_eq!(value.string().unwrap(), text.as_str());
        prop_assert_eq!(value.string_span().unwrap(), 1..json.len() - 1);
    }
}
