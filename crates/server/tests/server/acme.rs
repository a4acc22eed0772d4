//! Certificates that the server orders itself, from an authority that looks at it.

use crate::authority::{Authority, Manners, free_addresses};
use crate::client::{Client, PATIENCE, message_of};
use crate::metrics::{metric, wait_for};
use crate::process::{Server, program};
use crate::secure::{NAME, Secure, ask, connect, create_account, handshake, trust};
use rustls::ClientConfig;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Instant;

/// A second name of the same server.
const OTHER: &str = "www.example.org";

fn start(address: SocketAddr, dir: &Path, authority: &Authority) -> Server {
    Server::spawn(
        program()
            .args(["serve", "--metrics-listen=127.0.0.1:0"])
            .args(["--acme-contact", "me@example.org"])
            .env("KAIFU_LISTEN", address.to_string())
            .env("KAIFU_DATA_DIR", dir)
            .env("KAIFU_ACME_DOMAIN", format!("{NAME},{OTHER}"))
            .env("KAIFU_ACME_DIRECTORY", authority.directory())
            .env("SSL_CERT_FILE", authority.trusted()),
    )
}

/// Waits until the server shows a good certificate, other than `than`, and gives the connection.
fn secured(address: SocketAddr, config: &ClientConfig, than: &[u8]) -> Secure {
    let start = Instant::now();
    loop {
        if let Ok(stream) = handshake(address, NAME, config)
            && shown(&stream) != than
        {
            return stream;
        }
        assert!(start.elapsed() < PATIENCE, "there is no certificate");
    }
}

fn shown(stream: &Secure) -> Vec<u8> {
    stream.conn.peer_certificates().unwrap()[0].to_vec()
}

#[test]
fn a_certificate_is_ordered_served_and_kept() {
    let [address] = free_addresses();
    let manners = Manners {
        port: address.port(),
        validity: 90 * 86_400,
        ..Manners::default()
    };
    let Some(authority) = Authority::start(&manners) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let server = start(address, dir.path(), &authority);
    let config = trust(&authority.root());
    let stream = secured(address, &config, &[]);
    let first = shown(&stream);
    let mut client = Client::over(stream);
    let account = create_account(&mut client);
    ask(&mut client, "GET", &account.pixel(7), &[], "");
    let bearer = account.authorization();
    let page = ask(&mut client, "GET", "/v1/events", &bearer, "").page();
    assert!(page.events.iter().map(message_of).eq([7]));
    connect(address, OTHER, &config).unwrap();
    // Whoever wants an answer to a challenge gets none when there is none.
    let mut nosy = config.clone();
    nosy.alpn_protocols = vec![b"acme-tls/1".to_vec()];
    assert!(handshake(address, NAME, &nosy).is_err());
    assert_eq!(
        metric(&server, "kaifu_certificate_orders_failed_total"),
        Some(0.0)
    );

    // All that is kept is for the server's eyes only.
    let folder = dir.path().join("acme");
    let authority_folder = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(
        (mode(&folder), mode(&authority_folder.path())),
        (0o700, 0o700)
    );
    let mut names = Vec::new();
    for file in std::fs::read_dir(authority_folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(mode(&file.path()), 0o600, "{file:?}");
        names.push(file.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["account.json", "certificate.pem"]);
    let log = server.kill();
    for secret in ["PRIVATE", "me@example.org", "127.0.0.1:0", "key_pkcs8"] {
        assert!(!log.contains(secret), "{log}");
    }

    // A restart needs no authority.
    let (directory, trusted) = (authority.directory(), authority.trusted());
    let kept = std::fs::read(&trusted).unwrap();
    drop(authority);
    let trusted = dir.path().join("root.pem");
    std::fs::write(&trusted, kept).unwrap();
    let server = Server::spawn(
        program()
            .args(["serve", "--metrics-listen=127.0.0.1:0"])
            .args(["--acme-domain", NAME, "--acme-directory", &directory])
            .args(["--listen", &address.to_string(), "--data-dir"])
            .arg(dir.path())
            .env("SSL_CERT_FILE", &trusted),
    );
    let stream = handshake(address, NAME, &config).unwrap();
    assert_eq!(shown(&stream), first);
    assert_eq!(
        metric(&server, "kaifu_certificate_orders_failed_total"),
        Some(0.0)
    );
}

#[test]
fn a_certificate_is_renewed_in_time() {
    let [address] = free_addresses();
    let manners = Manners {
        port: address.port(),
        validity: 6,
        ..Manners::default()
    };
    let Some(authority) = Authority::start(&manners) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let server = start(address, dir.path(), &authority);
    let config = trust(&authority.root());
    let first = shown(&secured(address, &config, &[]));
    let expiry = || metric(&server, "kaifu_certificate_expires_seconds").unwrap();
    let expires = expiry();
    let second = shown(&secured(address, &config, &first));
    assert!(expiry() > expires);
    // The account that ordered the first one orders all others.
    shown(&secured(address, &config, &second));
    assert_eq!(
        metric(&server, "kaifu_certificate_orders_failed_total"),
        Some(0.0)
    );
}

#[test]
fn what_the_authority_says_is_logged_and_the_server_goes_on() {
    let [address, elsewhere] = free_addresses();
    for (port, refuses, expected) in [
        (address.port(), Some(OTHER), "www.example.org"),
        // The domain does not lead to this server.
        (elsewhere.port(), None, "Failed to connect"),
    ] {
        let manners = Manners {
            port,
            validity: 86_400,
            refuses,
        };
        let Some(authority) = Authority::start(&manners) else {
            return;
        };
        let dir = tempfile::tempdir().unwrap();
        let server = start(address, dir.path(), &authority);
        wait_for(&server, "kaifu_certificate_orders_failed_total", 1.0);
        assert_eq!(
            metric(&server, "kaifu_certificate_expires_seconds"),
            Some(0.0)
        );
        let log = server.kill();
        let line = log.lines().find(|line| line.contains("ERROR")).unwrap();
        assert!(
            line.contains("--acme-domain: no certificate") && line.contains(expected),
            "{log}"
        );
    }
}
