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

/// The mailbox's address in a page's title such as `Inbox (3) - me@example.com - Gmail`, or in the
/// label of its account menu: the last word that is shaped like one, in lower case.
#[must_use]
pub fn address(text: &str) -> Option<String> {
    text.split(|c: char| c.is_ascii_whitespace() || "()<>,;:\"\u{a0}".contains(c))
        .rev()
        .find(|word| {
            word.split_once('@').is_some_and(|(name, host)| {
                !name.is_empty() && host.contains('.') && !host.contains('@')
            })
        })
        .map(str::to_ascii_lowercase)
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
    fn the_address_is_found_in_title_and_label() {
        for (text, expected) in [
            (
                "Inbox (2) - ann@example.com - Gmail",
                Some("ann@example.com"),
            ),
            (
                "re: mail bob@example.org - Ann@example.com - Example Mail",
                Some("ann@example.com"),
            ),
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
    fn a_path_without_bounds_is_none() {
        let page = format!("/mail/u/0/d/{}/", "a".repeat(MAX_BYTES + 1));
        assert_eq!(path(&page), Some("u/0"));
    }
}
