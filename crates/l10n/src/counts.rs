//! Numbers where there is little room.

/// The most that is shown where there is little room.
const MOST: u32 = 99;

/// `count` in at most three characters, for a badge.
#[must_use]
pub fn short(count: u32) -> String {
    if count > MOST {
        "99+".to_owned()
    } else {
        count.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_fits_a_badge() {
        for (count, expected) in [
            (0, "0"),
            (1, "1"),
            (99, "99"),
            (100, "99+"),
            (u32::MAX, "99+"),
        ] {
            assert_eq!(short(count), expected);
        }
    }
}
