//! The command line.

use crate::client::{Account, PATIENCE, ask, message_of};
use crate::process::{Server, program, run};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kaifu_core::id::ServerKey;
use rustix::process::Signal;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;
use std::time::Instant;

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_wrong_flag_is_named() {
    for (args, flag) in [
        (&["serve", "--listen", "nowhere"][..], "--listen"),
        (&["serve", "--listen", "127.0.0.1:70000"], "--listen"),
        (
            &["serve", "--database", "mysql://example.org/"],
            "--database",
        ),
        (&["serve", "--database", "sqlite:"], "--database"),
        (
            &["serve", "--public-url", "kaifu.example.org"],
            "--public-url",
        ),
        (&["serve", "--retention-days", "0"], "--retention-days"),
        (&["serve", "--retention-days", "many"], "--retention-days"),
        (
            &["serve", "--accounts-per-hour", "-1"],
            "--accounts-per-hour",
        ),
        (
            &["serve", "--trusted-proxies", "10.0.0.0/8,proxy"],
            "--trusted-proxies",
        ),
        (&["serve", "--metrics-listen", "9100"], "--metrics-listen"),
        (&["serve", "--log-level", "loud"], "--log-level"),
        (&["serve", "--no-such-flag"], "--no-such-flag"),
        (&["healthcheck", "--listen", "x"], "--listen"),
        (&["backup"], "<PATH>"),
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(
            stderr(&output).contains(flag),
            "{args:?}: {}",
            stderr(&output)
        );
    }
    let output = program()
        .args(["serve"])
        .env("KAIFU_LISTEN", "nowhere")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--listen"), "{}", stderr(&output));
}

#[test]
fn a_password_in_the_database_address_is_never_shown() {
    let secret = "mysql://kaifu:hunter2@db.example.org/kaifu";
    for command in ["serve", "vacuum"] {
        let by_flag = run(&[command, "--database", secret]);
        assert_eq!(by_flag.status.code(), Some(2));
        for args in [
            &[command][..],
            &[command, "--help"],
            &[command, "--no-such"],
        ] {
            let output = program()
                .args(args)
                .env("KAIFU_DATABASE", secret)
                .output()
                .unwrap();
            for shown in [&by_flag, &output] {
                let text = [&shown.stdout[..], &shown.stderr[..]].concat();
                let text = String::from_utf8(text).unwrap();
                assert!(!text.contains("hunter2"), "{args:?}: {text}");
            }
        }
    }
}

#[test]
fn what_cannot_be_used_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let (file, data) = (file.to_str().unwrap(), dir.path().join("data"));
    let data = data.to_str().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (args, flag) in [
        (
            &["serve", "--listen", "127.0.0.1:0", "--data-dir", file][..],
            "--data-dir",
        ),
        (
            &["serve", "--listen", &taken, "--data-dir", data],
            "--listen",
        ),
        (
            &[
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--data-dir",
                data,
                "--database",
                "sqlite:no/dir",
            ],
            "--database",
        ),
        (&["vacuum", "--data-dir", data], "--database"),
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(
            stderr(&output).contains(flag),
            "{args:?}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn help_names_every_flag_with_its_variable() {
    let help = String::from_utf8(run(&["serve", "--help"]).stdout).unwrap();
    for name in [
        "listen",
        "data-dir",
        "key-file",
        "database",
        "public-url",
        "retention-days",
        "accounts-per-hour",
        "errors-per-minute",
        "trusted-proxies",
        "metrics-listen",
        "acme-domain",
        "acme-contact",
        "acme-directory",
        "tls-cert",
        "tls-key",
        "redirect-listen",
        "log-level",
    ] {
        let variable = format!("KAIFU_{}", name.replace('-', "_").to_uppercase());
        assert!(
            help.contains(&format!("--{name}")) && help.contains(&variable),
            "{name}: {help}"
        );
    }
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    for command in [
        "serve",
        "backup",
        "vacuum",
        "keygen",
        "doctor",
        "healthcheck",
    ] {
        assert!(help.contains(command), "{command}: {help}");
    }
}

#[test]
fn settings_come_from_the_environment_too() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::spawn(
        program()
            .arg("serve")
            .env("KAIFU_LISTEN", "127.0.0.1:0")
            .env("KAIFU_DATA_DIR", dir.path().join("data"))
            .env("KAIFU_DATABASE", "sqlite:other.db")
            .env("KAIFU_ACCOUNTS_PER_HOUR", "1"),
    );
    Account::create(server.address);
    assert_eq!(
        ask(server.address, "POST", "/v1/accounts", &[], "{}").status,
        429
    );
    let data = dir.path().join("data");
    assert_eq!(mode(&data), 0o700);
    for name in ["other.db", "other.db-wal", "server.key"] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
}

#[test]
fn a_data_directory_has_one_server() {
    let dir = tempfile::tempdir().unwrap();
    let _server = Server::start(dir.path());
    let path = dir.path().to_str().unwrap();
    let output = run(&["serve", "--listen", "127.0.0.1:0", "--data-dir", path]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("another kaifu-server"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_database_has_one_server_wherever_it_lies() {
    let dir = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", dir.path().join("shared.db").display());
    let flags = ["--database", &file];
    let server = Server::start_with(&dir.path().join("one"), &flags);
    let account = Account::create(server.address);
    let other = dir.path().join("other");
    let serve = ["serve", "--listen", "127.0.0.1:0", "--data-dir"];
    let output = run(&[&serve[..], &[other.to_str().unwrap()], &flags].concat());
    assert_eq!(output.status.code(), Some(1));
    let log = stderr(&output);
    assert!(
        log.contains("--database") && log.contains("another kaifu-server"),
        "{log}"
    );
    ask(server.address, "GET", &account.pixel(1), &[], "");
    assert_eq!(account.events(server.address).len(), 1);
}

#[test]
fn the_healthcheck_tells_life_from_death() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let address = server.address.to_string();
    assert_eq!(
        run(&["healthcheck", "--listen", &address]).status.code(),
        Some(0)
    );
    server.kill();
    let output = run(&["healthcheck", "--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains(&address), "{}", stderr(&output));
}

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

#[test]
fn a_backup_of_a_running_server_can_be_served() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Server::start(&data);
    let account = Account::create(server.address);
    ask(server.address, "GET", &account.pixel(1), &[], "");

    let copy = dir.path().join("copy");
    std::fs::create_dir(&copy).unwrap();
    let target = copy.join("kaifu.db");
    let args = [
        "backup",
        "--data-dir",
        data.to_str().unwrap(),
        target.to_str().unwrap(),
    ];
    let output = run(&args);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(mode(&target), 0o600);
    assert_eq!(
        run(&args).status.code(),
        Some(1),
        "a backup replaces nothing"
    );
    ask(server.address, "GET", &account.pixel(2), &[], "");
    assert_eq!(account.events(server.address).len(), 2);

    let keys = copy.join("kaifu.db.key");
    assert_eq!(mode(&keys), 0o600);
    std::fs::rename(keys, copy.join("server.key")).unwrap();
    let restored = Server::start(&copy);
    assert_eq!(
        account
            .events(restored.address)
            .iter()
            .map(message_of)
            .collect::<Vec<_>>(),
        [1]
    );
    ask(restored.address, "GET", &account.pixel(3), &[], "");
    assert_eq!(account.events(restored.address).len(), 2);
}

/// The size of the database file.
fn size(dir: &Path) -> u64 {
    std::fs::metadata(dir.join("kaifu.db")).unwrap().len()
}

#[test]
fn a_running_server_gives_back_the_space_of_what_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let [kept, gone] = [(); 2].map(|()| Account::create(server.address));
    let mut client = crate::client::Client::connect(server.address).unwrap();
    for message in 0..20_000 {
        client.send("GET", &gone.pixel(message), &[], "").unwrap();
        client.receive(false).unwrap();
    }
    ask(server.address, "GET", &kept.pixel(1), &[], "");
    server.stop();
    let before = size(dir.path());
    let server = Server::start(dir.path());
    let bearer = gone.authorization();
    ask(server.address, "DELETE", "/v1/account", &bearer, "");
    // The log comes to an end in the file when the server stops; what is to be shrunk was before.
    let database = || rusqlite::Connection::open(dir.path().join("kaifu.db")).unwrap();
    let pages = || -> i64 {
        database()
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap()
    };
    let start = Instant::now();
    while pages() > 400 {
        assert!(start.elapsed() < PATIENCE, "{} pages", pages());
    }
    ask(server.address, "GET", &kept.pixel(2), &[], "");
    assert_eq!(kept.events(server.address).len(), 2);
    server.stop();
    assert!(
        size(dir.path()) < before,
        "{before} to {}",
        size(dir.path())
    );
}

/// While it works, a vacuum keeps everybody from writing.
#[test]
fn vacuum_converts_a_file_of_before_and_refuses_while_it_is_served() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let args = ["vacuum", "--data-dir", dir.path().to_str().unwrap()];
    let output = run(&args);
    assert_eq!(output.status.code(), Some(1));
    let log = stderr(&output);
    assert!(log.contains("another kaifu-server is using it"), "{log}");
    server.stop();

    // A file of an earlier version cannot shrink by itself.
    let database = || rusqlite::Connection::open(dir.path().join("kaifu.db")).unwrap();
    database()
        .execute_batch(
            "PRAGMA auto_vacuum = none; VACUUM; CREATE TABLE large (b BLOB);
            INSERT INTO large VALUES (zeroblob(1000000)); DROP TABLE large;",
        )
        .unwrap();
    let before = size(dir.path());
    let output = run(&args);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(size(dir.path()) + 900_000 < before);
    let kind: i64 = database()
        .pragma_query_value(None, "auto_vacuum", |row| row.get(0))
        .unwrap();
    assert_eq!(kind, 2, "it shrinks by itself from now on");
    let server = Server::start(dir.path());
    ask(server.address, "GET", &account.pixel(1), &[], "");
    assert_eq!(account.events(server.address).len(), 1);
}
