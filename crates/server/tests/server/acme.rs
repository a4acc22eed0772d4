//! Certificates that the server orders itself, from an authority that looks at it.

use crate::authority::{Authority, Manners, free_addresses};
use crate::client::{Client, PATIENCE, message_of};
use crate::metrics::{metric, wait_for};
use crate::process::{Server, program, run};
use crate::secure::{NAME, Root, Secure, ask, connect, create_account, handshake, trust};
use rustls::ClientConfig;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

/// A second name of the same server.
const OTHER: &str = "www.example.org";

fn start(address: SocketAddr, dir: &Path, authority: &Authority) -> Server {
    let domains = format!("{NAME},{OTHER}");
    start_for(&domains, "me@example.org", address, dir, authority)
}

fn start_for(
    domains: &str,
    contact: &str,
    address: SocketAddr,
    dir: &Path,
    authority: &Authority,
) -> Server {
    Server::spawn(
        program()
            .args(["serve", "--metrics-listen=127.0.0.1:0"])
            .args(["--acme-contact", contact])
            .env("KAIFU_LISTEN", address.to_string())
            .env("KAIFU_DATA_DIR", dir)
            .env("KAIFU_ACME_DOMAIN", domains)
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

/// What is there is served until there is better, and renewed for the names that it has.
#[test]
fn a_domain_that_fails_does_not_take_the_other_down() {
    let [address] = free_addresses();
    let manners = Manners {
        port: address.port(),
        validity: 12,
        refuses: Some(OTHER),
    };
    let Some(authority) = Authority::start(&manners) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let me = "me@example.org";
    let server = start_for(NAME, me, address, dir.path(), &authority);
    let config = trust(&authority.root());
    let first = shown(&secured(address, &config, &[]));
    assert!(server.stop().contains("got a certificate"));

    let server = start(address, dir.path(), &authority);
    assert_eq!(shown(&handshake(address, NAME, &config).unwrap()), first);
    wait_for(&server, "kaifu_certificate_orders_failed_total", 1.0);
    assert!(handshake(address, NAME, &config).is_ok());
    drop(server);
    // A later attempt, of another start: the former one is due by then.
    let folder = std::fs::read_dir(dir.path().join("acme")).unwrap().next();
    std::fs::remove_file(folder.unwrap().unwrap().path().join("failed-order.json")).unwrap();
    let expiry = Certificate::from_der(&first).unwrap().tbs_certificate;
    let end = expiry.validity.not_after.to_unix_duration();
    let due = || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        now + Duration::from_secs(4) >= end
    };
    while !due() {
        std::thread::yield_now();
    }
    let server = start(address, dir.path(), &authority);
    assert_ne!(shown(&secured(address, &config, &first)), first);
    drop(server);
}

#[test]
fn without_a_certificate_the_server_is_well_and_in_no_hurry() {
    let [address, nobody] = free_addresses();
    let dir = tempfile::tempdir().unwrap();
    let roots = dir.path().join("roots.pem");
    std::fs::write(&roots, Root::new().pem()).unwrap();
    let start = || {
        Server::spawn(
            program()
                .args(["serve", "--metrics-listen=127.0.0.1:0"])
                .args(["--acme-domain", NAME, "--listen", &address.to_string()])
                .arg(format!("--acme-directory=https://{nobody}/dir"))
                .arg("--data-dir")
                .arg(dir.path())
                .env("SSL_CERT_FILE", &roots),
        )
    };
    let failed = "kaifu_certificate_orders_failed_total";
    let server = start();
    wait_for(&server, failed, 1.0);
    let address = address.to_string();
    let healthy = run(&["healthcheck", "--listen", &address, "--acme-domain", NAME]);
    assert_eq!(healthy.status.code(), Some(0), "{healthy:?}");
    assert!(server.stop().contains("next attempt in 60 s"));
    // A restart does not ask the authority again at once.
    let server = start();
    assert_eq!(metric(&server, failed), Some(0.0));
    let log = server.stop();
    assert!(
        log.contains("the last order of a certificate failed"),
        "{log}"
    );
    assert!(!log.contains("ERROR"), "{log}");
    let dead = run(&["healthcheck", "--listen", &address, "--acme-domain", NAME]);
    assert_eq!(dead.status.code(), Some(1));
}

#[test]
fn a_damaged_file_is_named_and_a_changed_contact_told() {
    let [address] = free_addresses();
    let manners = Manners {
        port: address.port(),
        validity: 86_400,
        ..Manners::default()
    };
    let Some(authority) = Authority::start(&manners) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let config = trust(&authority.root());
    let serve = |contact| {
        let server = start_for(NAME, contact, address, dir.path(), &authority);
        secured(address, &config, &[]);
        server.stop()
    };
    serve("me@example.org");
    let folder = std::fs::read_dir(dir.path().join("acme")).unwrap().next();
    let folder = folder.unwrap().unwrap().path();
    let [account, certificate] = ["account.json", "certificate.pem"].map(|name| folder.join(name));
    std::fs::write(&account, "").unwrap();
    std::fs::write(&certificate, "half of a c").unwrap();
    let log = serve("me@example.org");
    for file in [&account, &certificate] {
        assert!(log.contains(file.to_str().unwrap()), "{log}");
    }
    assert!(folder.join("account.json.damaged").exists());

    // This authority takes no such address, which shows that it was told.
    std::fs::remove_file(&certificate).unwrap();
    let log = serve("yoü@example.org");
    assert!(log.contains("--acme-contact"), "{log}");
}
