//! What a panel is told, and what it says.

use super::*;

fn shown() -> Shown {
    let texts = [
        "en",
        "English",
        " the ",
        "Seen [here].",
        "Press [here].",
        "Both.",
        "May I?",
    ];
    let japanese = ["ja", "日本語", "の", "こちら", "確認", "両方", "同意"];
    Shown {
        how: Some(Mode::Image.into()),
        language: "ja".to_owned(),
        lines: texts
            .iter()
            .chain(&japanese)
            .map(|it| (*it).to_owned())
            .collect(),
        ..Shown::default()
    }
}

#[test]
fn the_line_is_the_one_that_leaves() {
    let how = |code: &str| Some(Manner::from_code(code));
    for (change, has_line, line) in [
        (shown(), false, Some(("ja", "こちら"))),
        (
            Shown {
                tells: true,
                ..shown()
            },
            true,
            Some(("ja", "こちら")),
        ),
        (
            Shown {
                tells: true,
                how: how("image-"),
                ..shown()
            },
            false,
            Some(("ja", "こちら")),
        ),
        (
            Shown {
                how: how("image+/en"),
                ..shown()
            },
            true,
            Some(("en", "Seen [here].")),
        ),
        (
            Shown {
                how: how("image/fr"),
                ..shown()
            },
            false,
            Some(("ja", "こちら")),
        ),
        (
            Shown {
                how: how("receipt-"),
                ..shown()
            },
            true,
            Some(("ja", "確認")),
        ),
        (
            Shown {
                needs_line: true,
                how: how("image-"),
                ..shown()
            },
            true,
            Some(("ja", "こちら")),
        ),
        (
            Shown {
                instead: Some(Mode::Consent),
                needs_line: true,
                ..shown()
            },
            true,
            Some(("ja", "同意")),
        ),
        (
            Shown {
                instead: Some(Mode::Consent),
                how: how("receipt"),
                ..shown()
            },
            true,
            Some(("ja", "確認")),
        ),
        (
            Shown {
                how: None,
                tells: true,
                ..shown()
            },
            false,
            None,
        ),
    ] {
        assert_eq!(
            (change.has_line(), change.line()),
            (has_line, line),
            "{change:?}"
        );
    }
}

#[test]
fn a_line_can_be_chosen_only_where_the_mode_does_not_need_it() {
    let how = |code: &str| Some(Manner::from_code(code));
    for (change, may) in [
        (shown(), true),
        (
            Shown {
                how: None,
                ..shown()
            },
            false,
        ),
        (
            Shown {
                how: how("both"),
                ..shown()
            },
            false,
        ),
        (
            Shown {
                needs_line: true,
                ..shown()
            },
            false,
        ),
        (
            Shown {
                instead: Some(Mode::Receipt),
                ..shown()
            },
            false,
        ),
        (
            Shown {
                obstacle: "toggle_declined".to_owned(),
                ..shown()
            },
            false,
        ),
    ] {
        assert_eq!(change.may_choose_line(), may, "{change:?}");
    }
}

#[test]
fn what_is_said_is_read() {
    for holds in [true, false] {
        let said = wish("never", holds, "ann@example.com");
        let read = Some((Standing::Never, holds, "ann@example.com"));
        assert_eq!(read_wish(&said), read);
    }
    for said in ["agreed 1 ann@example.com", "never 1", "image+/ja", ""] {
        assert_eq!(read_wish(said), None, "{said}");
    }
}

#[test]
fn what_is_written_is_read() {
    let shown = shown();
    let told = Told {
        how: shown.how,
        language: &shown.language,
        is_agreed: true,
        lines: &shown.lines,
        ..Told::default()
    };
    assert_eq!(Shown::read(&told.write()), Some(shown.clone()));
    let how = Some(Manner::from_code("image-/ja"));
    for (told, expected) in [
        (
            Told {
                how,
                tells: true,
                obstacle: "toggle_declined",
                ..told
            },
            Shown {
                how,
                tells: true,
                obstacle: "toggle_declined".to_owned(),
                ..shown.clone()
            },
        ),
        (
            Told {
                is_strict: true,
                address: "a@b.example",
                wishes: [false, true, false],
                ..told
            },
            Shown {
                needs_line: true,
                address: "a@b.example".to_owned(),
                wishes: [false, true, false],
                ..shown.clone()
            },
        ),
        // Who is asked for consent is one person and no list.
        (
            Told {
                is_strict: true,
                is_agreed: false,
                is_asking: true,
                ..told
            },
            Shown {
                needs_line: true,
                instead: Some(Mode::Receipt),
                is_asking: true,
                ..shown.clone()
            },
        ),
        (
            Told {
                is_strict: true,
                is_agreed: false,
                is_asking: true,
                wishes: [false, false, true],
                ..told
            },
            Shown {
                needs_line: true,
                instead: Some(Mode::Consent),
                is_asking: true,
                wishes: [false, false, true],
                ..shown.clone()
            },
        ),
        (
            Told {
                is_strict: true,
                is_agreed: false,
                wishes: [false, false, true],
                ..told
            },
            Shown {
                needs_line: true,
                instead: Some(Mode::Receipt),
                wishes: [false, false, true],
                ..shown.clone()
            },
        ),
    ] {
        assert_eq!(Shown::read(&told.write()), Some(expected), "{told:?}");
    }
    assert_eq!(Shown::read("image"), None);
}
