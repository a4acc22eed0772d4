//! Which mailbox an address of Gmail's page stands for.
//!
//! `/mail/u/N/` is the N-th account of the browser session, counted anew in each. A mailbox that
//! another person has given access to is `/mail/u/N/d/TOKEN/`, formerly `/mail/b/TOKEN/u/N/`; Gmail
//! changes the tokens from time to time.

/// The longest part of such a path that is taken for one, in bytes.
const MAX_BYTES: usize = 200;

/// The part of a page's path that names the mailbox: `u/0` of `/mail/u/0/popout`, or
/// `u/0/d/TOKEN` of `/mail/u/0/d/TOKEN/`. `None` where it names none.
#[must_use]
pub fn path(page: &str) -> Option<&str> {
    let rest = page.strip_prefix("/mail/")?;
    let mut end = 0;
    let mut numbered = false;
    for name in ["b/", "u/", "d/"] {
        let start = if end == 0 { 0 } else { end + 1 };
        let Some(value) = rest.get(start..).and_then(|it| it.strip_prefix(name)) else {
            continue;
        };
        let length = value.find(['/', '?', '#']).unwrap_or(value.len());
        let fits = |byte: u8| match name {
            "u/" => byte.is_ascii_digit(),
            _ => byte.is_ascii_alphanumeric() || b"-_".contains(&byte),
        };
        let value = &value[..length];
        if value.is_empty() || value.len() > MAX_BYTES || !value.bytes().all(fits) {
            break;
        }
        numbered |= name == "u/";
        end = start + name.len() + length;
    }
    numbered.then(|| &rest[..end])
}

/// The mailbox's address in the label of its account menu: the last word that is shaped like one, in
/// lower case.
#[must_use]
pub fn address(text: &str) -> Option<String> {
    text.split(|c: char| !is_of_address(c))
        .rev()
        .find(|word| is_address(word))
        .map(str::to_ascii_lowercase)
}

/// The mailbox's address in a page's title such as `Inbox (3) - me@example.com - Gmail`, in lower case:
/// it stands between what is shown and the name of the service. A title that is only a subject has none,
/// whatever that says.
#[must_use]
pub fn titled(title: &str) -> Option<String> {
    let (mut found, mut before) = (None, "");
    for part in title.split(" - ").skip(1) {
        if is_address(before) {
            found = Some(before);
        }
        before = part;
    }
    found.map(str::to_ascii_lowercase)
}

fn is_of_address(c: char) -> bool {
    !c.is_ascii_whitespace() && !"()<>,;:\"\u{a0}".contains(c)
}

fn is_address(text: &str) -> bool {
    text.chars().all(is_of_address)
        && text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && host.contains('.') && !host.contains('@')
        })
}

/// The mailbox that an address leads to, as far as that tells: it may be named with anything behind a
/// plus.
#[must_use]
pub fn of_address(address: &str) -> String {
    let (name, host) = address.split_once('@').unwrap_or((address, ""));
    let (name, _) = name.split_once('+').unwrap_or((name, ""));
    [name, "@", host].concat().to_ascii_lowercase()
}

/// Whether such a part names a mailbox that another person has given access to.
#[must_use]
pub fn is_delegated(path: &str) -> bool {
    path.contains("d/") || path.starts_with("b/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mailbox_is_read_from_the_path() {
        for (page, expected, delegated) in [
            ("/mail/u/0/", Some("u/0"), false),
            ("/mail/u/12", Some("u/12"), false),
            ("/mail/u/1/popout", Some("u/1"), false),
            ("/mail/u/1/?view=btop#sent/d/a", Some("u/1"), false),
            ("/mail/u/0#sent", Some("u/0"), false),
            ("/mail/u/0/d/AEo-x_9/", Some("u/0/d/AEo-x_9"), true),
            ("/mail/u/0/d/AEo-x_9", Some("u/0/d/AEo-x_9"), true),
            ("/mail/b/236/u/0/x", Some("b/236/u/0"), true),
            ("/mail/u/0/d//", Some("u/0"), false),
            ("/mail/u/0/d/a.b/", Some("u/0"), false),
            ("/mail/b/236/", None, false),
            ("/mail/u/x/", None, false),
            ("/mail/u//", None, false),
            ("/mail/", None, false),
            ("/chat/u/0/", None, false),
            ("", None, false),
        ] {
            assert_eq!(path(page), expected, "{page}");
            assert_eq!(expected.is_some_and(is_delegated), delegated, "{page}");
        }
    }

    #[test]
    fn the_address_is_found_in_the_label() {
        for (text, expected) in [
            (
                "Google アカウント: Ann \n(ann@example.com)",
                Some("ann@example.com"),
            ),
            ("Gmail", None),
            ("a@b", None),
            ("@example.com", None),
        ] {
            assert_eq!(address(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn the_address_is_found_in_a_title_that_names_the_mailbox() {
        for (title, expected) in [
            (
                "Inbox (2) - ann@example.com - Gmail",
                Some("ann@example.com"),
            ),
            (
                "re: mail bob@example.org - Ann@example.com - Example Mail",
                Some("ann@example.com"),
            ),
            (
                "Sent - ann@example.com - Smith - Sons Mail",
                Some("ann@example.com"),
            ),
            (
                "bob@example.org - ann@example.com - Gmail",
                Some("ann@example.com"),
            ),
            // A subject alone, as printed pages have it.
            ("Fwd: ask bob@example.org", None),
            ("bob@example.org", None),
            ("bob@example.org - Gmail", None),
            ("ask bob@example.org - Gmail", None),
            ("Gmail", None),
            ("", None),
        ] {
            assert_eq!(titled(title).as_deref(), expected, "{title}");
        }
    }

    #[test]
    fn a_mailbox_is_the_same_by_any_name_of_its_own() {
        for (one, other, expected) in [
            ("ann@example.com", "Ann@Example.com", true),
            ("ann@example.com", "ann+test@example.com", true),
            ("a.nn@example.com", "ann@example.com", false),
            ("ann@example.com", "ann@example.org", false),
            ("ann@example.com", "anna@example.com", false),
            ("ann@example.com", "ann", false),
            ("", "ann", false),
        ] {
            let is_same = of_address(one) == of_address(other);
            assert_eq!(is_same, expected, "{one} {other}");
        }
    }

    #[test]
    fn a_path_without_bounds_is_none() {
        let page = format!("/mail/u/0/d/{}/", "a".repeat(MAX_BYTES + 1));
        assert_eq!(path(&page), Some("u/0"));
    }
}
