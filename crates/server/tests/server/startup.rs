//! Starting: what is set where, who may use which files, and signals that come early.

use crate::client::{Account, ask};
use crate::process::{Server, program, run};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, Permissions};
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Stdio;

/// Somebody who owns nothing.
const NOBODY: u32 = 65_534;

#[test]
fn a_hangup_while_it_starts_does_not_end_the_server() {
    let dir = tempfile::tempdir().unwrap();
    // Without one, no key would be made while the database says nothing.
    let data = dir.path().to_str().unwrap();
    assert!(run(&["keygen", "--data-dir", data]).status.success());
    // A database that takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://kaifu@{}/x", silent.local_addr().unwrap());
    let mut child = program()
        .args(["serve", "--listen=127.0.0.1:0", "--database", &url])
        .arg("--data-dir")
        .arg(dir.path())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (connection, _) = silent.accept().unwrap();
    kill_process(Pid::from_child(&child), Signal::HUP).unwrap();
    drop((connection, silent));
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let listens = lines.any(|line| line.unwrap().contains("listening on "));
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert!(lines.all(|line| line.is_ok()));
    assert_eq!((listens, child.wait().unwrap().code()), (true, Some(0)));
}

#[test]
fn an_empty_variable_is_not_set() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = program();
    for name in [
        "PUBLIC_URL",
        "KEY_FILE",
        "DATABASE",
        "RETENTION_DAYS",
        "ACCOUNTS_PER_HOUR",
        "ERRORS_PER_MINUTE",
        "TRUSTED_PROXIES",
        "METRICS_LISTEN",
        "ACME_DOMAIN",
        "ACME_CONTACT",
        "ACME_DIRECTORY",
        "TLS_CERT",
        "TLS_KEY",
        "REDIRECT_LISTEN",
        "LOG_LEVEL",
        "LISTEN",
        "DATA_DIR",
    ] {
        command.env(format!("KAIFU_{name}"), "");
    }
    command.args(["serve", "--listen=127.0.0.1:0", "--data-dir"]);
    let server = Server::spawn(command.arg(dir.path()));
    let account = Account::create(server.address);
    ask(server.address, "GET", &account.pixel(1), &[], "");
    assert_eq!(account.events(server.address).len(), 1);
    assert!(dir.path().join("kaifu.db").exists());
}

#[test]
fn a_flag_wins_over_a_variable_that_names_another_way() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("missing.pem");
    let missing = missing.to_str().unwrap();
    let serve = ["serve", "--listen=127.0.0.1:0", "--data-dir"];
    let data = dir.path().to_str().unwrap();
    let tls = ["--tls-cert", missing, "--tls-key", missing];
    let output = program()
        .args(serve)
        .arg(data)
        .args(tls)
        .env("KAIFU_ACME_DOMAIN", "kaifu.example.org")
        .env("KAIFU_ACME_CONTACT", "me@example.org")
        .output()
        .unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(log.contains("--tls-cert: "), "{log}");
    assert_eq!(output.status.code(), Some(1), "{log}");
    // Two flags are a mistake as before.
    let acme = ["--acme-domain", "kaifu.example.org"];
    let output = run(&[&serve[..], &[data], &tls, &acme].concat());
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn one_database_file_has_one_server_by_whatever_path() {
    let dir = tempfile::tempdir().unwrap();
    let [a, b] = ["a", "b"].map(|name| dir.path().join(name));
    let server = Server::start(&a);
    let account = Account::create(server.address);
    let file = a.join("kaifu.db");
    let [soft, hard] = ["soft.db", "hard.db"].map(|name| dir.path().join(name));
    symlink(&file, &soft).unwrap();
    fs::hard_link(&file, &hard).unwrap();
    for path in [&file, &soft, &hard] {
        let database = format!("sqlite:{}", path.display());
        let flags = ["serve", "--listen=127.0.0.1:0", "--database", &database];
        let output = run(&[&flags[..], &["--data-dir", b.to_str().unwrap()]].concat());
        let log = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{path:?}: {log}");
        assert!(
            log.contains("--database: ") && log.contains("another kaifu-server"),
            "{log}"
        );
    }
    ask(server.address, "GET", &account.pixel(1), &[], "");
    assert_eq!(account.events(server.address).len(), 1);
}

fn rotate(dir: &Path, user: Option<u32>) -> (Option<i32>, String) {
    let mut command = program();
    command.args(["keygen", "--rotate", "--data-dir"]).arg(dir);
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    let output = command.output().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), log)
}

#[test]
fn a_rotated_key_keeps_its_owner_and_mode() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    assert!(run(&["keygen", "--data-dir", data]).status.success());
    let path = dir.path().join("server.key");
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let is_root = rustix::process::geteuid().is_root();
    if is_root {
        chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let before = fs::metadata(&path).unwrap();
    assert_eq!(rotate(dir.path(), None).0, Some(0));
    let after = fs::metadata(&path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
    let of = |file: &fs::Metadata| (file.uid(), file.gid(), file.mode());
    assert_eq!(of(&after), of(&before));
    assert_ne!(after.ino(), before.ino());

    // Who may not give it back to its owner leaves it alone.
    if is_root {
        chown(&path, Some(0), Some(0)).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        fs::set_permissions(dir.path(), Permissions::from_mode(0o777)).unwrap();
        let (status, log) = rotate(dir.path(), Some(NOBODY));
        assert_eq!(status, Some(1), "{log}");
        assert!(log.contains("cannot keep its owner"), "{log}");
        assert_eq!(fs::metadata(&path).unwrap().ino(), after.ino());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    } else {
        eprintln!("skipped in part: only root has files of others");
    }
}

#[test]
fn a_key_made_in_anothers_directory_is_theirs() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root has directories of others");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    chown(dir.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    let data = dir.path().to_str().unwrap();
    assert!(run(&["keygen", "--data-dir", data]).status.success());
    let key = fs::metadata(dir.path().join("server.key")).unwrap();
    assert_eq!((key.uid(), key.mode() & 0o777), (NOBODY, 0o600));
}

#[test]
fn a_backup_that_finds_something_in_its_way_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    drop(Server::start(&data));
    let copy = dir.path().join("copy.db");
    let args = ["backup", "--data-dir", data.to_str().unwrap()];
    let backup = || run(&[&args[..], &[copy.to_str().unwrap()]].concat());
    let keys = dir.path().join("copy.db.key");
    fs::write(&keys, "of an earlier backup").unwrap();
    assert_eq!(backup().status.code(), Some(1));
    assert!(!copy.exists());
    fs::remove_file(&keys).unwrap();
    fs::write(&copy, "of an earlier backup").unwrap();
    assert_eq!(backup().status.code(), Some(1));
    assert!(!keys.exists());
    fs::remove_file(&copy).unwrap();
    assert_eq!(backup().status.code(), Some(0));
}

#[test]
fn folders_in_which_others_may_put_files_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let warns = |mode| {
        fs::set_permissions(&data, Permissions::from_mode(mode)).unwrap();
        let log = Server::start(&data).stop();
        log.contains(&format!("in {}: chmod go-w", data.display()))
    };
    fs::create_dir(&data).unwrap();
    assert!(!warns(0o700) && !warns(0o755));
    assert!(warns(0o775) && warns(0o777));
}
