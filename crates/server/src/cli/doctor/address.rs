//! Whether the server can be reached: locally, by its name, from the public address, and through
//! which proxies.

use super::Finding;
use crate::cli::commands::reachable;
use crate::settings::{Encryption, Settings};
use crate::tls::client::{Answer, get};
use kaifu_core::backend::{BackendUrl, Reach};
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

/// How far the clocks of two machines may differ.
const DRIFT: Duration = Duration::from_mins(2);

/// Looks at this machine, the name, the public address and what stands in front.
pub(super) async fn look(settings: &Settings, listen: SocketAddr) -> Vec<Finding> {
    let mut findings = vec![running(settings, listen).await];
    match &settings.public_url {
        None => findings.push(Finding::warning(
            "public address",
            "no --public-url is given: only this machine's programs can load images",
        )),
        Some(url) => findings.extend(public(url).await),
    }
    findings.extend(proxies(settings, listen).await);
    findings
}

/// Asks the server on this machine.
async fn running(settings: &Settings, listen: SocketAddr) -> Finding {
    const ABOUT: &str = "this machine";
    let address = reachable(listen);
    if settings.encryption != Encryption::None {
        // Its certificate is for its name, under which it is asked below.
        return match tokio::net::TcpStream::connect(address).await {
            Ok(_) => Finding::good(ABOUT, format!("something listens on {address}")),
            Err(error) => Finding::fault(ABOUT, format!("nobody listens on {address}: {error}")),
        };
    }
    match get(&format!("http://{address}/readyz")).await {
        Ok(Answer {
            status: 200, body, ..
        }) if body.contains("\"ready\"") => {
            Finding::good(ABOUT, format!("the server at {address} is ready"))
        }
        Ok(Answer { status: 200, .. }) => {
            Finding::warning(ABOUT, "the database is away; events are kept in the spool")
        }
        Ok(Answer { status, body, .. }) => Finding::fault(
            ABOUT,
            format!("{address} answers {status}: {}", body.trim()),
        ),
        Err(error) => Finding::fault(ABOUT, format!("the server does not run: {error}")),
    }
}

/// Looks the name up, connects to its port, and asks as a client would.
async fn public(url: &BackendUrl) -> Vec<Finding> {
    let name = lookup(url).await;
    let is_known = name.is_ok();
    let mut findings = vec![name.unwrap_or_else(|fault| fault)];
    if is_known {
        findings.extend(reach(url));
        findings.extend(asked(url).await);
    }
    findings
}

/// Looks the name up.
async fn lookup(url: &BackendUrl) -> Result<Finding, Finding> {
    const ABOUT: &str = "DNS";
    let host = url.host();
    let uri: Option<hyper::Uri> = url.to_string().parse().ok();
    let usual = if url.is_secure() { 443 } else { 80 };
    let port = uri.and_then(|uri| uri.port_u16()).unwrap_or(usual);
    match tokio::net::lookup_host((host, port)).await {
        Ok(found) => {
            let found: Vec<_> = found.map(|address| address.ip().to_string()).collect();
            Ok(Finding::good(
                ABOUT,
                format!("{host} is {}", found.join(", ")),
            ))
        }
        Err(error) => Err(Finding::fault(
            ABOUT,
            format!("{host} has no address: {error}"),
        )),
    }
}

/// Says who can reach the address, as far as it tells.
fn reach(url: &BackendUrl) -> Option<Finding> {
    let trouble = match url.reach() {
        Reach::Public => return None,
        Reach::Insecure => "many mail programs load no images by plain http",
        Reach::Private => "recipients elsewhere cannot load images from there",
    };
    Some(Finding::warning("public address", trouble))
}

/// Asks under the address as a client would.
async fn asked(url: &BackendUrl) -> Vec<Finding> {
    const PORT: &str = "port and certificate";
    let mut findings = Vec::new();
    match get(&format!("{url}/healthz")).await {
        Ok(answer) if answer.status == 200 && answer.body.contains("\"ok\"") => {
            findings.push(Finding::good(PORT, format!("{url} answers")));
            if answer.through_cache {
                findings.push(Finding::warning(
                    "cache",
                    "one stands in front: it may turn a scanner's HEAD into a GET, which is told as \
                     an open, or hide opens; let it pass /p/, /l/ and /r/ untouched",
                ));
            }
            findings.extend(answer.date.and_then(drift));
        }
        Ok(answer) => findings.push(Finding::fault(
            PORT,
            format!(
                "{url}/healthz answers {}: something else is there",
                answer.status
            ),
        )),
        Err(error) => findings.push(Finding::fault(
            PORT,
            format!(
                "{url} cannot be reached from this machine: {error} (some routers do not lead \
                 back to it: try from elsewhere)"
            ),
        )),
    }
    findings
}

/// Compares the clock with that of the machine that answered.
fn drift(date: SystemTime) -> Option<Finding> {
    let now = SystemTime::now();
    let drift = now
        .duration_since(date)
        .unwrap_or_else(|error| error.duration());
    (drift > DRIFT).then(|| {
        let secs = drift.as_secs();
        Finding::fault(
            "clock",
            format!("it and that of the public address differ by {secs} seconds"),
        )
    })
}

const PROXIES: &str = "proxies";

/// What the metrics in `text` say of the proxies through which requests came.
fn counted(text: &str) -> Option<Finding> {
    let count = |of: &str| {
        let name = format!("kaifu_{of}_proxy_requests_total ");
        let count = text.lines().find_map(|line| line.strip_prefix(&name));
        count?.parse::<u64>().ok()
    };
    let (untrusted, partly, trusted) = (
        count("untrusted")?,
        count("partly_trusted")?,
        count("trusted")?,
    );
    Some(if untrusted > 0 {
        Finding::warning(
            PROXIES,
            format!(
                "{untrusted} requests came through one that --trusted-proxies does not name: all of \
                 its clients share one limit"
            ),
        )
    } else if partly > 0 {
        Finding::warning(
            PROXIES,
            format!(
                "{partly} of {} requests came through one that a trusted one was asked by, such as a \
                 CDN, and that --trusted-proxies does not name: Gmail's opens through it are not \
                 recognised; see \"Behind a CDN\" in SELF-HOSTING.md",
                partly + trusted
            ),
        )
    } else {
        Finding::good(PROXIES, "no request came through one that is not trusted")
    })
}

/// Whether requests come through a proxy that is not trusted.
async fn proxies(settings: &Settings, listen: SocketAddr) -> Option<Finding> {
    if let Some(address) = settings.metrics_listen
        && let Ok(answer) = get(&format!("http://{}/metrics", reachable(address))).await
    {
        return counted(&answer.body);
    }
    let is_behind = settings
        .public_url
        .as_ref()
        .is_some_and(BackendUrl::is_secure)
        && settings.encryption == Encryption::None;
    if is_behind && settings.trusted_proxies.is_empty() {
        let whose = if listen.ip().is_loopback() {
            "127.0.0.1,::1"
        } else {
            "its network"
        };
        return Some(Finding::warning(
            PROXIES,
            format!(
                "one must be in front, as this server does not encrypt, and none is trusted: set \
                 --trusted-proxies {whose}"
            ),
        ));
    }
    None
}
