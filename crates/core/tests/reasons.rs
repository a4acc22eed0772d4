//! The documentation has words for every reason, and for none that does not exist.

use kaifu_core::fetch::Reason;
use kaifu_core::state::{EventReason, StateReason};
use std::collections::BTreeSet;

const REASONS: &str = include_str!("../../../docs/REASONS.md");

#[test]
fn every_reason_is_documented_with_its_claim() {
    for reason in Reason::ALL {
        let claim = format!("{:?}", reason.claim()).to_lowercase();
        let row = format!("| `{}` | {claim} |", reason.code());
        assert!(REASONS.contains(&row), "no row {row}");
    }
    let known: BTreeSet<&str> = Reason::ALL
        .iter()
        .map(|reason| reason.code())
        .chain(EventReason::OWN.iter().map(|reason| reason.code()))
        .chain(StateReason::ALL.iter().map(|reason| reason.code()))
        .collect();
    let documented: BTreeSet<&str> = REASONS
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    assert_eq!(documented, known);
}
