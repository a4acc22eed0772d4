//! The command line.

use crate::client::{Account, ask};
use crate::process::{Server, program, run};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub(crate) fn mode(path: &Path) -> u32 {
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
