//! What a verdict costs: each line is a name, a value and its unit.

use kaifu_core::clock::Clocks;
use kaifu_core::fetch::{Claim, Class, Fetch, Reason, classify};
use kaifu_core::state::{Event, EventKind, Reader, Sent, View, judge};
use kaifu_core::time::Millis;
use kaifu_networks::{Files, Tables};
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::time::Instant;

const ROUNDS: u32 = 200_000;

const AGENTS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
     Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 \
     (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (compatible; ExampleChecker/1.0; +https://example.com/about)",
];

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn main() {
    // The tables that `refresh.sh` leaves; without them, only the built-in ones are measured.
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/networks");
    let optional = Tables::load(&Files::within(&directory)).expect("tables that can be read");
    for (name, tables) in [("built_in", Tables::built_in()), ("all", optional)] {
        if name == "all" && !directory.join("networks.bin").exists() {
            continue;
        }
        println!("networks_{name}_memory {} bytes", tables.bytes());
        let addresses: Vec<IpAddr> = spread().collect();
        let mut turn = addresses.iter().cycle();
        measure(&format!("networks_{name}_lookup"), || {
            black_box(tables.network(black_box(*turn.next().expect("a cycle never ends"))));
        });
        let mut turn = AGENTS.iter().cycle();
        measure(&format!("networks_{name}_listed_bot"), || {
            black_box(tables.is_listed_bot(black_box(turn.next().expect("a cycle never ends"))));
        });
        let mut turn = addresses.iter().zip(AGENTS.iter().cycle()).cycle();
        measure(&format!("networks_{name}_verdict"), || {
            let (address, user_agent) = turn.next().expect("a cycle never ends");
            black_box(classify(&Fetch {
                user_agent,
                network: tables.network(*address),
                listed_bot: tables.is_listed_bot(user_agent),
                ..Fetch::default()
            }));
        });
    }
    let flood = "Mozilla/5.0 (".repeat(1_000_000);
    let hostile = format!(
        "Mozilla/5.0 ({}",
        "; build/ (khtml, like gecko) ".repeat(34)
    );
    for (name, agent) in [("flood", &flood), ("hostile", &hostile)] {
        measure_rounds(&format!("networks_{name}_verdict"), 2_000, || {
            black_box(classify(&Fetch {
                user_agent: black_box(agent),
                ..Fetch::default()
            }));
        });
    }
    judge_many();
}

/// What the browser's half costs when one message was fetched a thousand times by as many readers,
/// links included.
fn judge_many() {
    let events: Vec<Event> = (0..1_000)
        .map(|number| Event {
            id: None,
            of: None,
            kind: if number % 3 == 0 {
                EventKind::Link
            } else {
                EventKind::Pixel
            },
            at: Millis(10_000 + number * 20),
            class: Class::Human,
            claim: Claim::Likely,
            reason: Some(Reason::Browser),
            reader: Some(Reader::new(&number.to_string())),
            client: None,
            program: None,
            others: 0,
            clocks: Clocks::default(),
        })
        .collect();
    let views: Vec<View> = (0..1_000)
        .map(|number| View {
            at: Millis(10_000_000 + number),
            clocks: Clocks::default(),
        })
        .collect();
    measure_rounds("networks_thousand_fetches_judged", 200, || {
        black_box(judge(
            &Sent::default(),
            black_box(&events),
            black_box(&views),
        ));
    });
}

/// Addresses over the whole space, so that no cache holds the path to all of them.
fn spread() -> impl Iterator<Item = IpAddr> {
    (0u32..4_096).map(|step| {
        let bits = step.wrapping_mul(2_654_435_761);
        if step % 4 == 0 {
            IpAddr::V6(Ipv6Addr::from_bits(u128::from(bits) << 93 | 0x2a00 << 112))
        } else {
            IpAddr::V4(Ipv4Addr::from_bits(bits))
        }
    })
}

fn measure(name: &str, work: impl FnMut()) {
    measure_rounds(name, ROUNDS, work);
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn measure_rounds(name: &str, rounds: u32, mut work: impl FnMut()) {
    let start = Instant::now();
    for _ in 0..rounds {
        work();
    }
    println!(
        "{name} {:.0} ns",
        start.elapsed().as_secs_f64() * 1e9 / f64::from(rounds)
    );
}
