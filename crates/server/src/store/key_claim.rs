//! What a database says of some server keys.

use kaifu_core::id::KeyFingerprint;

/// What a database says of some keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyClaim {
    /// It knew no keys before. With accounts, it was made by a version that did not note them.
    First {
        /// Whether there are accounts.
        has_accounts: bool,
    },
    /// It knows one of them, at least.
    Fits {
        /// How many keys it knows that are not among them.
        missing: usize,
    },
    /// It knows other keys.
    Foreign,
}

/// Whether a claim is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claiming {
    /// Keys of a database that knows none, or that knows one of them, are noted, all at once.
    Note,
    /// Nothing is changed.
    Look,
}

/// Judges `keys` by those that are `known`, and says which are to be noted.
pub(super) fn judge(
    keys: &[KeyFingerprint],
    known: &[KeyFingerprint],
    has_accounts: bool,
) -> (KeyClaim, Vec<KeyFingerprint>) {
    let new = || {
        let keys = keys.iter().filter(|key| !known.contains(key));
        keys.copied().collect()
    };
    if known.is_empty() {
        return (KeyClaim::First { has_accounts }, new());
    }
    if !keys.iter().any(|key| known.contains(key)) {
        return (KeyClaim::Foreign, Vec::new());
    }
    let missing = known.iter().filter(|key| !keys.contains(key)).count();
    (KeyClaim::Fits { missing }, new())
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: KeyFingerprint = KeyFingerprint([1; 32]);
    const B: KeyFingerprint = KeyFingerprint([2; 32]);
    const C: KeyFingerprint = KeyFingerprint([3; 32]);

    #[test]
    fn keys_fit_when_one_is_known_or_none_are() {
        let first = KeyClaim::First { has_accounts: true };
        for (keys, known, claim, new) in [
            (&[A][..], &[][..], first, &[A][..]),
            (&[], &[], first, &[]),
            (&[], &[A], KeyClaim::Foreign, &[]),
            (&[B], &[A], KeyClaim::Foreign, &[]),
            (&[B, A], &[A], KeyClaim::Fits { missing: 0 }, &[B]),
            (&[B, C], &[A, B], KeyClaim::Fits { missing: 1 }, &[C]),
        ] {
            assert_eq!(judge(keys, known, true), (claim, new.to_vec()));
        }
    }
}
