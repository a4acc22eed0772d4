//! The server's key from the command line.

use crate::client::{Account, PATIENCE, ask};
use crate::commands::{mode, stderr};
use crate::process::{Server, run};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kaifu_core::id::ServerKey;
use rustix::process::Signal;
use std::path::Path;
use std::time::Instant;

#[test]
fn a_key_is_made_once_and_never_shown() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let args = ["keygen", "--data-dir", data.to_str().unwrap()];
    let output = run(&args);
    assert_eq!(output.status.code(), Some(0));
    let path = data.join("server.key");
    assert_eq!(
        String::from_utf8(output.stdout).unwrap().trim_end(),
        path.to_str().unwrap()
    );
    assert_eq!((mode(&data), mode(&path)), (0o700, 0o600));
    let key = std::fs::read_to_string(&path).unwrap();
    let again = run(&args);
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), key);

    std::fs::write(&path, "secret-that-is-no-key").unwrap();
    let output = run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        data.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        !stderr(&output).contains("secret-that"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_new_key_is_for_new_accounts_and_the_old_ones_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let keys = dir.path().join("keys");
    let (keys, data) = (keys.to_str().unwrap(), dir.path().join("data"));
    let flags = ["--key-file", keys];
    let server = Server::start_with(&data, &flags);
    let old = Account::create(server.address);
    server.kill();
    let rotate = ["keygen", "--rotate", "--key-file", keys];
    assert_eq!(run(&rotate).status.code(), Some(0));
    assert_eq!(mode(Path::new(keys)), 0o600);

    let server = Server::start_with(&data, &flags);
    let new = Account::create(server.address);
    for account in [&old, &new] {
        ask(server.address, "GET", &account.pixel(1), &[], "");
        assert_eq!(account.events(server.address).len(), 1);
    }
    server.kill();
    // The new account's key comes from the new server key, and from no other.
    let text = std::fs::read_to_string(keys).unwrap();
    std::fs::write(keys, text.lines().nth(1).unwrap()).unwrap();
    let server = Server::start_with(&data, &flags);
    for (account, opens) in [(&old, 2), (&new, 1)] {
        ask(server.address, "GET", &account.pixel(2), &[], "");
        assert_eq!(account.events(server.address).len(), opens);
    }
}

/// The key that `server key` gives an account.
fn derived(text: &str, account: &Account) -> Account {
    let mut key = [0; 32];
    let decoded = URL_SAFE_NO_PAD.decode_slice(text, &mut key);
    assert_eq!(decoded, Ok(32));
    Account {
        key: ServerKey(key).account_key(account.id),
        ..account.clone()
    }
}

#[test]
fn a_running_server_takes_up_a_new_key() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let path = dir.path().join("server.key");
    let rotate = [
        "keygen",
        "--rotate",
        "--data-dir",
        dir.path().to_str().unwrap(),
    ];
    let mut message = 0;
    for signal in [Some(Signal::HUP), None] {
        // What is no key changes nothing.
        let good = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, "half of a k").unwrap();
        server.signal(Signal::HUP);
        message += 1;
        ask(server.address, "GET", &account.pixel(message), &[], "");
        std::fs::write(&path, good).unwrap();
        assert_eq!(run(&rotate).status.code(), Some(0));
        signal.inspect(|signal| server.signal(*signal));

        // An image under the new key counts as soon as the server has it.
        let text = std::fs::read_to_string(&path).unwrap();
        let under_new = derived(text.lines().next().unwrap(), &account);
        let known = |message| {
            ask(server.address, "GET", &under_new.pixel(message), &[], "");
            account.events(server.address).len() as u64 >= message
        };
        message += 1;
        let start = Instant::now();
        while !known(message) {
            assert!(start.elapsed() < PATIENCE, "the new key was never known");
        }
        // The other servers may not have it yet, so nobody is given a key that comes from it.
        let newcomer = Account::create(server.address);
        let oldest = derived(text.lines().last().unwrap(), &newcomer);
        assert_eq!(newcomer.key, oldest.key);
    }
    message += 1;
    ask(server.address, "GET", &account.pixel(message), &[], "");
    assert_eq!(account.events(server.address).len() as u64, message);
    let log = server.kill();
    assert!(log.contains("does not hold server keys"), "{log}");
    assert!(!log.contains("half of a k"), "{log}");
}
