//! Summaries as they are packed.

use super::*;
use kaifu_core::outcome::Outcome;
use proptest::prelude::*;

fn any_clocks() -> impl Strategy<Value = Clocks> {
    let leads = prop::option::of((any::<i64>(), any::<i64>()));
    (leads, any::<u32>()).prop_map(|(lead, run)| Clocks {
        lead: lead.map(|(least, most)| Lead { least, most }),
        run,
        ..Clocks::default()
    })
}

fn any_message() -> impl Strategy<Value = KeptMessage> {
    let recipients = prop::collection::vec((".*", ".*"), 0..4);
    let outcomes = codes::OUTCOMES.iter().map(|(outcome, _)| *outcome);
    let outcomes = prop::option::of(prop::sample::select(outcomes.collect::<Vec<Outcome>>()));
    let texts = (".*", prop::option::of(".*"), prop::option::of(".*"), ".*");
    let times = (any::<i64>(), any::<i64>());
    let clocks = prop::option::of(any_clocks());
    (texts, recipients, times, outcomes, clocks).prop_map(
        |((message, account, mailbox, subject), recipients, times, outcome, clocks)| {
            let recipients = recipients.into_iter();
            KeptMessage {
                message,
                account,
                mailbox,
                subject,
                recipients: recipients
                    .map(|(address, name)| Recipient { address, name })
                    .collect(),
                sent_at: Millis(times.0),
                settled_at: Millis(times.1),
                outcome,
                clocks,
                ..KeptMessage::default()
            }
        },
    )
}

fn any_summary() -> impl Strategy<Value = Summary> {
    let kinds = prop::sample::select(TraceKind::ALL.to_vec());
    // Numbers of JavaScript's: their differences are numbers, too.
    let times = -(1_i64 << 53)..(1 << 53);
    let traces = prop::collection::vec((kinds, times.clone(), any_clocks()), 0..8);
    let states = prop::sample::select(State::ALL.to_vec());
    let as_of = prop::option::of(any_clocks());
    let found_by = (".*", times);
    (any_message(), traces, any::<u32>(), states, as_of, found_by).prop_map(
        |(mut kept, traces, own, state, as_of, (words, activity))| {
            kept.sent_at = Millis(kept.sent_at.0 >> 11);
            let traces = traces.into_iter();
            Summary {
                kept,
                state,
                traces: Traces {
                    own,
                    all: traces
                        .map(|(kind, at, clocks)| Trace {
                            kind,
                            at: Millis(at),
                            clocks,
                        })
                        .collect(),
                },
                words,
                activity: Millis(activity),
                as_of,
            }
        },
    )
}

proptest! {
    #[test]
    fn a_summary_is_read_as_it_was_packed(summary in any_summary()) {
        let packed = pack(&summary);
        prop_assert_eq!(unpack(&packed), Some(summary));
    }

    #[test]
    fn packs_are_found_as_they_were_put_together(
        summaries in prop::collection::vec(any_summary(), 0..5),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut all = Vec::new();
        for summary in &summaries {
            pack_into(&mut all, &pack(summary));
        }
        let found: Vec<Option<Summary>> = packs(&all).map(unpack).collect();
        for (pack, summary) in packs(&all).zip(&summaries) {
            prop_assert_eq!(message_of(pack), Some(&*summary.kept.message));
            let expected = Head {
                message: &summary.kept.message,
                words: &summary.words,
                mailbox: summary.kept.mailbox.as_deref(),
                activity: summary.activity,
                left: summary.kept.left(),
                account: summary.kept.account.as_deref(),
                state: summary.state,
                later: summary.kept.later(),
            };
            prop_assert_eq!(head(pack), Some(expected));
        }
        let count = summaries.len();
        prop_assert_eq!(found, summaries.into_iter().map(Some).collect::<Vec<_>>());
        if count > 0 {
            let some = &all[..cut.index(all.len())];
            prop_assert!(packs(some).count() < count);
        }
    }

    #[test]
    fn what_was_cut_or_never_packed_is_none_or_another(
        summary in any_summary(),
        cut in any::<prop::sample::Index>(),
        noise in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let packed = pack(&summary);
        prop_assert_eq!(unpack(&packed[..cut.index(packed.len())]), None);
        // Must not panic, nor ask for more memory than there are bytes.
        let _ = unpack(&noise);
    }
}

#[test]
fn ten_opens_take_a_few_bytes() {
    let at = Millis(1_790_000_000_000);
    let load = |minutes: i64| Trace {
        kind: TraceKind::Open,
        at: at.plus(minutes * 60_000),
        clocks: Clocks::default(),
    };
    let mut summary = Summary {
        kept: KeptMessage {
            sent_at: at,
            ..KeptMessage::default()
        },
        state: State::Opened,
        traces: Traces::default(),
        words: String::new(),
        activity: at,
        as_of: None,
    };
    let bare = pack(&summary).len();
    summary.traces.all = (1..=10).map(load).collect();
    assert!(pack(&summary).len() <= bare + 50);
}
