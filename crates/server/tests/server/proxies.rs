//! Proxies between a recipient's program and the server.

use crate::client::{Account, ask};
use crate::process::Server;
use kaifu_protocol::api::{Claim, Class};

const GMAIL: &str =
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)";

/// The networks that SELF-HOSTING.md shows behind `start`, up to the end of the line.
fn shown(start: &str, between: char) -> Vec<String> {
    let (_, rest) = include_str!("../../../../docs/SELF-HOSTING.md")
        .split_once(start)
        .unwrap();
    let line = rest.lines().next().unwrap();
    line.split(between).map(str::to_owned).collect()
}

#[test]
fn gmails_opens_count_through_cloudflare_and_caddy_as_shown() {
    let for_kaifu = shown("KAIFU_TRUSTED_PROXIES=127", ',').split_off(1);
    assert_eq!(
        for_kaifu[1..],
        shown("        trusted_proxies ", ' '),
        "both know the same"
    );
    let dir = tempfile::tempdir().unwrap();
    let trusted = format!("--trusted-proxies=127.0.0.1,{}", for_kaifu.join(","));
    let flags = [&*trusted, "--metrics-listen=127.0.0.1:0"];
    let server = Server::start_with(dir.path(), &flags);
    let account = Account::create(server.address);
    let edges = [
        "172.71.98.7",
        "162.158.222.10",
        "2a06:98c0:3600::103",
        "104.23.160.4",
    ];
    for (message, edge) in (1..).zip(edges) {
        // As Caddy 2.6.2 sends it on, with these networks and without.
        let kept = format!("66.249.93.55, {edge}");
        for hops in [&*kept, edge] {
            let headers = [
                ("user-agent", GMAIL),
                ("x-forwarded-for", hops),
                ("cf-connecting-ip", "66.249.93.55"),
                ("cdn-loop", "cloudflare"),
            ];
            ask(server.address, "GET", &account.pixel(message), &headers, "");
        }
    }
    let events = account.events(server.address);
    let reasons: Vec<_> = events.iter().map(|event| &*event.reason).collect();
    assert_eq!(reasons.len(), 2 * edges.len());
    for pair in events.chunks(2) {
        let counted = (pair[0].claim, pair[0].source.class, &*pair[0].reason);
        assert_eq!(counted, (Claim::Likely, Class::GmailProxy, "gmail_proxy"));
        assert_ne!(
            pair[1].claim,
            Claim::Likely,
            "Caddy has forgotten who asked"
        );
    }
    let metrics = ask(server.metrics.unwrap(), "GET", "/metrics", &[], "");
    let partly = format!(
        "kaifu_partly_trusted_proxy_requests_total {}\n",
        edges.len()
    );
    assert!(metrics.text().contains(&partly), "{}", metrics.text());
    let log = server.stop();
    assert_eq!(log.matches("such as a CDN").count(), 1, "{log}");
}

#[test]
fn a_cdn_that_nobody_named_is_told_once() {
    let dir = tempfile::tempdir().unwrap();
    let flags = [
        "--trusted-proxies=127.0.0.1",
        "--metrics-listen=127.0.0.1:0",
    ];
    let server = Server::start_with(dir.path(), &flags);
    let account = Account::create(server.address);
    let told = |server: &Server| {
        let metrics = ask(server.metrics.unwrap(), "GET", "/metrics", &[], "");
        let text = metrics.text().to_owned();
        let name = "kaifu_partly_trusted_proxy_requests_total ";
        let count = text.lines().find_map(|line| line.strip_prefix(name));
        count.unwrap().parse::<u64>().unwrap()
    };
    for cdn in ["172.71.98.7", "151.101.1.1", "3.172.0.1"] {
        let hops = format!("66.249.93.55, {cdn}");
        let headers = [("user-agent", GMAIL), ("x-forwarded-for", &hops)];
        ask(server.address, "GET", &account.pixel(1), &headers, "");
    }
    assert_eq!(told(&server), 3);
    let headers = [("user-agent", GMAIL), ("x-forwarded-for", "66.249.93.55")];
    ask(server.address, "GET", &account.pixel(1), &headers, "");
    assert_eq!(told(&server), 3);
    let log = server.stop();
    assert_eq!(log.matches("such as a CDN").count(), 1, "{log}");
    assert!(!log.contains("66.249") && !log.contains("172.71"), "{log}");
}
