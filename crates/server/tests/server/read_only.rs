//! A data directory on a disk that is read-only, or turns so while the server runs.

use crate::client::{Account, ask, message_of};
use crate::crash::{CLIENTS, Load};
use crate::database::Database;
use crate::failures::wait_until_not_ready;
use crate::metrics::{metric, wait_for};
use crate::postgres::drained;
use crate::process::Server;
use rustix::process::Signal;
use std::collections::HashSet;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// A disk of its own, which only programs that are started through it can see.
struct Disk {
    /// Has the image, and the folder where it is mounted.
    dir: TempDir,
    /// Keeps the mounts together; they go when nobody is left in there.
    keeper: Child,
}

impl Disk {
    /// Makes a disk and mounts it; `None`, with the reason in the output, where that is not allowed.
    fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let keeper = Command::new("unshare")
            .args(["--mount", "sh", "-ec", MOUNT])
            .arg(dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut line = String::new();
        if let Ok(mut keeper) = keeper {
            let told = BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut line);
            if told.unwrap() > 0 {
                return Some(Self { dir, keeper });
            }
            keeper.wait().unwrap();
        }
        eprintln!("skipped: this user may not mount a disk");
        None
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("disk")
    }

    /// A program that sees the disk, with nothing of the surrounding environment.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.env_clear().env("PATH", PATH);
        let keeper = format!("--target={}", self.keeper.id());
        command.args(["--mount", &keeper, program]);
        command
    }

    fn server(&self, database: &str) -> Server {
        let mut command = self.command(env!("CARGO_BIN_EXE_kaifu-server"));
        command.args(["serve", "--listen=127.0.0.1:0"]);
        command.args(["--metrics-listen=127.0.0.1:0", "--database", database]);
        Server::spawn(command.arg("--data-dir").arg(self.data()))
    }

    /// Runs the server's program on the data directory.
    fn run(&self, args: &[&str]) -> Output {
        let mut command = self.command(env!("CARGO_BIN_EXE_kaifu-server"));
        let command = command.args(args).arg("--data-dir").arg(self.data());
        command.output().unwrap()
    }

    /// Runs a command for operators, in the folder of the image and the disk.
    fn operate(&self, script: &str) {
        let mut command = self.command("sh");
        command.args(["-ec", &format!("cd \"$0\"; {script}")]);
        let output = command.arg(self.dir.path()).output().unwrap();
        assert!(output.status.success(), "{script}: {output:?}");
    }

    /// Has the file system believe that it is damaged, upon which nobody can write to it any more.
    fn fail(&self) {
        self.operate(
            "echo 1 > /sys/fs/ext4/$(basename $(findmnt -nro SOURCE disk))/trigger_fs_error",
        );
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// Where Debian has the programs that mount.
const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

const MOUNT: &str = "
    PATH=/usr/sbin:/usr/bin:/sbin:/bin
    cd \"$0\"
    truncate -s 64M image
    mkdir disk
    mkfs.ext4 -q image
    mount -o loop,errors=remount-ro image disk
    test -w /sys/fs/ext4/$(basename $(findmnt -nro SOURCE disk))/trigger_fs_error
    echo ready
    exec cat
";

#[test]
fn a_read_only_data_directory_is_named_and_left_whole() {
    let Some(disk) = Disk::mount() else { return };
    let database = "sqlite:kaifu.db";
    let server = disk.server(database);
    let account = Account::create(server.address);
    for message in 1..=3 {
        ask(server.address, "GET", &account.pixel(message), &[], "");
    }
    let before = account.events(server.address);
    // What only the log has is to survive as well.
    server.kill();

    disk.operate("mount -o remount,ro disk");
    for (args, named) in [
        (&["serve", "--listen=127.0.0.1:0"][..], "--data-dir: "),
        (&["keygen", "--rotate"], "--key-file: "),
        (&["vacuum"], "--database "),
    ] {
        let output = disk.run(args);
        let log = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {log}");
        let place = format!("ERROR {named}{}", disk.data().display());
        let why = log.contains("Read-only file system") || log.contains("readonly database");
        assert!(log.contains(&place) && why, "{args:?}: {log}");
    }
    // What is on it can be saved.
    let copy = disk.dir.path().join("copy.db");
    let output = disk.run(&["backup", copy.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");

    disk.operate("mount -o remount,rw disk");
    let server = disk.server(database);
    assert_eq!(account.events(server.address), before);
    ask(server.address, "GET", &account.pixel(4), &[], "");
    assert_eq!(account.events(server.address).len(), 4);
}

#[test]
fn a_disk_that_turns_read_only_costs_nothing_that_was_acknowledged() {
    let Some(disk) = Disk::mount() else { return };
    let database = "sqlite:kaifu.db";
    let server = disk.server(database);
    let account = Account::create(server.address);
    let load = Load::start(&server, &account);
    let mut before = HashSet::new();
    load.wait_for(500, &mut before);
    disk.fail();
    wait_until_not_ready(server.address);
    assert_eq!(ask(server.address, "GET", "/healthz", &[], "").status, 200);
    assert_eq!(metric(&server, "kaifu_database_up"), Some(0.0));
    // Images are served all the same, and each one whose open was not kept is counted.
    let mut fetched = before.clone();
    load.wait_for(500, &mut fetched);
    load.stop(&mut fetched);
    let lost = metric(&server, "kaifu_opens_lost_total").unwrap();
    let read = account.events(server.address);
    server.signal(Signal::TERM);
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("without an event being acknowledged"), "{log}");

    disk.operate("umount disk; mount -o loop image disk");
    let server = disk.server(database);
    let opens = account.events(server.address);
    let kept: HashSet<_> = opens.iter().map(message_of).collect();
    assert_eq!(kept.len(), opens.len(), "an event is there twice");
    assert!(before.is_subset(&kept));
    // ext4 may say that the very sync under which it turned went well, and keep nothing of it: any
    // program that writes and syncs sees that. So one batch is left out, which each client has one
    // open in at most. An open that nobody was told of may be there in turn.
    assert!(opens.starts_with(&read[..read.len() - CLIENTS]));
    let missing = fetched.difference(&kept).count().saturating_sub(CLIENTS);
    let missing = f64::from(u32::try_from(missing).unwrap());
    assert!(
        missing <= lost,
        "{missing} and a batch missing, {lost} counted as lost"
    );
    assert_eq!(ask(server.address, "GET", "/readyz", &[], "").status, 200);
    ask(server.address, "GET", &account.pixel(0), &[], "");
    assert_eq!(account.events(server.address).len(), opens.len() + 1);
}

/// The spool is needed only while PostgreSQL is away.
#[test]
fn a_spool_on_a_disk_that_turned_read_only_harms_nobody_while_postgres_is_there() {
    let Some(mut database) = Database::start() else {
        return;
    };
    let Some(disk) = Disk::mount() else { return };
    let server = disk.server(&database.url());
    let account = Account::create(server.address);
    let fetch = |message| ask(server.address, "GET", &account.pixel(message), &[], "");
    fetch(1);
    disk.fail();
    fetch(2);
    assert_eq!(ask(server.address, "GET", "/readyz", &[], "").status, 200);

    database.stop(Signal::INT);
    wait_for(&server, "kaifu_database_up", 0.0);
    wait_until_not_ready(server.address);
    assert_eq!(fetch(3).status, 200);
    assert_eq!(metric(&server, "kaifu_opens_lost_total"), Some(1.0));

    database.resume();
    drained(&server);
    assert_eq!(ask(server.address, "GET", "/readyz", &[], "").status, 200);
    fetch(4);
    let opens = account.events(server.address);
    assert!(opens.iter().map(message_of).eq([1, 2, 4]), "{opens:?}");
}
