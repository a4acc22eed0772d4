//! A PostgreSQL of a test's own, in a temporary directory and without a network.

use crate::client::PATIENCE;
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::time::Instant;
use tempfile::TempDir;

pub(crate) struct Database {
    programs: PathBuf,
    dir: TempDir,
    user: Option<(u32, u32)>,
    process: Option<Child>,
}

/// A transaction that is open until this is dropped.
pub(crate) struct Held {
    child: Child,
    input: Option<ChildStdin>,
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.input.take());
        self.child.wait().unwrap();
    }
}

impl Database {
    /// Creates and starts a database; `None`, with the reason in the output, where PostgreSQL is
    /// not installed.
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            eprintln!(
                "skipped: PostgreSQL's server programs are not installed (Debian: postgresql)"
            );
            return None;
        };
        let dir = tempfile::tempdir().unwrap();
        // PostgreSQL refuses to work for root.
        let user = rustix::process::geteuid().is_root().then(unprivileged);
        if let Some((user, group)) = user {
            chown(dir.path(), Some(user), Some(group)).unwrap();
        }
        let mut database = Self {
            programs,
            dir,
            user,
            process: None,
        };
        let mut initdb = database.program("initdb");
        initdb.args([
            "--no-sync",
            "--auth=trust",
            "--username=kaifu",
            "--locale=C",
        ]);
        initdb.args(["--encoding=UTF8", "--pgdata"]);
        succeed(initdb.arg(database.data()));
        database.resume();
        Some(database)
    }

    /// A copy of the database that follows it, as far as nobody cuts it off.
    pub(crate) fn standby(&self) -> Self {
        let dir = tempfile::tempdir().unwrap();
        if let Some((user, group)) = self.user {
            chown(dir.path(), Some(user), Some(group)).unwrap();
        }
        let mut standby = Self {
            programs: self.programs.clone(),
            dir,
            user: self.user,
            process: None,
        };
        let mut copy = standby.program("pg_basebackup");
        copy.arg("-h").arg(self.dir.path());
        copy.args(["-U", "kaifu", "-R", "--checkpoint=fast", "--no-sync", "-D"]);
        succeed(copy.arg(standby.data()));
        standby.resume();
        standby
    }

    /// Writes what there is now to a file.
    pub(crate) fn dump(&self, file: &Path) {
        let mut dump = self.program("pg_dump");
        dump.args(["-U", "kaifu", "-h"]).arg(self.dir.path());
        let output = dump
            .arg("postgres")
            .stdout(Stdio::piped())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        fs::write(file, output.stdout).unwrap();
    }

    /// Makes another database of what was dumped to a file; returns what `--database` takes for it.
    pub(crate) fn restored(&self, file: &Path, name: &str) -> String {
        self.ask(&format!("CREATE DATABASE {name}"));
        let mut load = self.program("psql");
        load.args(["-Xqv", "ON_ERROR_STOP=1", "-U", "kaifu", "-h"]);
        load.arg(self.dir.path()).args(["-d", name]);
        succeed(load.stdin(fs::File::open(file).unwrap()));
        self.url().replace("/postgres", &format!("/{name}"))
    }

    /// Waits until a standby has all that this database has.
    pub(crate) fn wait_for_standby(&self, standby: &Self) {
        let here = self.ask("SELECT pg_current_wal_lsn()");
        let start = Instant::now();
        let query = format!("SELECT pg_last_wal_replay_lsn() >= '{here}'");
        while standby.ask(&query) != "t" {
            assert!(start.elapsed() < PATIENCE, "the standby does not follow");
        }
    }

    /// Has a standby follow nobody, and waits until it does not.
    pub(crate) fn cut_off(&self) {
        self.ask("ALTER SYSTEM SET primary_conninfo = ''");
        self.ask("SELECT pg_reload_conf()");
        let start = Instant::now();
        while self.ask("SELECT count(*) FROM pg_stat_wal_receiver") != "0" {
            assert!(start.elapsed() < PATIENCE, "the standby still follows");
        }
    }

    /// Makes a standby the primary.
    pub(crate) fn promote(&self) {
        assert_eq!(self.ask("SELECT pg_promote()"), "t");
    }

    /// What `--database` takes for either of two databases, whichever can be written to.
    pub(crate) fn url_of_both(&self, other: &Self) -> String {
        let [here, there] =
            [self, other].map(|it| it.dir.path().to_str().unwrap().replace('/', "%2F"));
        format!("postgres://kaifu@{here},{there}/postgres?target_session_attrs=read-write")
    }

    /// Has the database hang: it keeps its connections and accepts new ones, and says nothing.
    pub(crate) fn freeze(&self) {
        self.signal_all(Signal::STOP);
    }

    /// Has a database go on that hangs.
    pub(crate) fn thaw(&self) {
        self.signal_all(Signal::CONT);
    }

    fn signal_all(&self, signal: Signal) {
        let Some(process) = &self.process else { return };
        let parent = Pid::from_child(process);
        kill_process(parent, signal).unwrap();
        for entry in fs::read_dir("/proc").unwrap() {
            let name = entry.unwrap().file_name();
            let Some(id) = name.to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
            let is_child = status
                .lines()
                .find_map(|line| line.strip_prefix("PPid:"))
                .is_some_and(|of| of.trim() == parent.as_raw_nonzero().to_string());
            if let Some(child) = Pid::from_raw(id).filter(|_| is_child) {
                // It may have ended meanwhile.
                let _ = kill_process(child, signal);
            }
        }
    }

    /// The folder of all its files.
    pub(crate) fn files(&self) -> &Path {
        self.dir.path()
    }

    /// What `--database` takes, through something that listens at `address` and leads to
    /// [`Self::socket`].
    pub(crate) fn url_through(address: SocketAddr) -> String {
        format!("postgres://kaifu@{address}/postgres")
    }

    /// Where the database listens.
    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.path().join(".s.PGSQL.5432")
    }

    /// What `--database` takes.
    pub(crate) fn url(&self) -> String {
        let dir = self.dir.path().to_str().unwrap().replace('/', "%2F");
        format!("postgres://kaifu@{dir}/postgres")
    }

    /// Lets the database be reached over TLS, and nothing else, on a port of the loopback; gives
    /// what `--database` takes and the file of the certificate. From the next start on.
    pub(crate) fn encrypt(&self) -> (String, PathBuf) {
        let [key, certificate] = ["key.pem", "cert.pem"].map(|name| self.dir.path().join(name));
        let mut openssl = self.program("openssl");
        openssl.args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ]);
        openssl.args(["-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext"]);
        openssl.args([
            "subjectAltName=DNS:localhost",
            "-addext",
            "basicConstraints=CA:FALSE",
        ]);
        openssl
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate);
        succeed(&mut openssl);
        // Another program may take the port before PostgreSQL does; then its start fails.
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let settings = format!(
            "ssl = on\nssl_key_file = '{}'\nssl_cert_file = '{}'\nport = {port}\n",
            key.display(),
            certificate.display(),
        );
        let append = |name: &str, text: &str| {
            let file = fs::OpenOptions::new()
                .append(true)
                .open(self.data().join(name));
            file.unwrap().write_all(text.as_bytes()).unwrap();
        };
        append("postgresql.conf", &settings);
        fs::write(
            self.data().join("pg_hba.conf"),
            "local all all trust\nhostssl all all 127.0.0.1/32 trust\n",
        )
        .unwrap();
        (
            format!("postgres://kaifu@localhost:{port}/postgres"),
            certificate,
        )
    }

    /// Starts the database again and waits until it answers.
    pub(crate) fn resume(&mut self) {
        let is_encrypted = self.dir.path().join("cert.pem").exists();
        let listen = if is_encrypted { "127.0.0.1" } else { "" };
        let listen = format!("listen_addresses={listen}");
        let mut postgres = self.program("postgres");
        postgres
            .args(["-c", &listen, "-c", "shared_buffers=16MB", "-k"])
            .arg(self.dir.path())
            .arg("-D")
            .arg(self.data());
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.dir.path().join("log"));
        postgres.stderr(log.unwrap());
        self.process = Some(postgres.spawn().unwrap());
        let start = Instant::now();
        while !self.psql("SELECT 1").status.success() {
            assert!(start.elapsed() < PATIENCE, "PostgreSQL did not start");
        }
    }

    /// Ends the database as by a power cut, or, with `Signal::INT`, in good order.
    pub(crate) fn stop(&mut self, signal: Signal) {
        let mut process = self.process.take().unwrap();
        kill_process(Pid::from_child(&process), signal).unwrap();
        process.wait().unwrap();
    }

    /// What the database has logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    /// Asks the database and returns the first value.
    pub(crate) fn ask(&self, query: &str) -> String {
        let output = self.psql(query);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Holds what `statement` takes in a transaction, until the result is dropped.
    pub(crate) fn hold(&self, statement: &str) -> Held {
        let mut psql = self.client();
        let mut child = psql.stdin(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let script = format!("BEGIN; {statement}; SELECT 'held';\n");
        input.write_all(script.as_bytes()).unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        while lines.next().unwrap().unwrap() != "held" {}
        Held {
            child,
            input: Some(input),
        }
    }

    fn psql(&self, query: &str) -> Output {
        self.client().args(["-c", query]).output().unwrap()
    }

    fn client(&self) -> Command {
        let mut psql = self.program("psql");
        psql.args(["-XqtA", "-U", "kaifu", "-d", "postgres"]);
        if let Ok(config) = fs::read_to_string(self.data().join("postgresql.conf"))
            && let Some(port) = config
                .lines()
                .rev()
                .find_map(|line| line.strip_prefix("port = "))
        {
            psql.args(["-p", port]);
        }
        psql.arg("-h");
        psql.arg(self.dir.path()).stdout(Stdio::piped());
        psql
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn program(&self, name: &str) -> Command {
        let mut command = match name {
            "openssl" => Command::new("/usr/bin/openssl"),
            _ => Command::new(self.programs.join(name)),
        };
        command
            .current_dir(self.dir.path())
            .env_clear()
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.thaw();
            self.stop(Signal::QUIT);
        }
    }
}

fn succeed(command: &mut Command) {
    let output = command.stderr(Stdio::piped()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Where `initdb` and `postgres` are: on the path, or where Debian has them.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|version| Some(version.ok()?.path().join("bin")));
    let has_all = |dir: &PathBuf| {
        ["initdb", "postgres", "psql"]
            .iter()
            .all(|name| dir.join(name).is_file())
    };
    debian.chain(std::env::split_paths(&path)).find(has_all)
}

/// The user and group of somebody who may do little.
fn unprivileged() -> (u32, u32) {
    let users = fs::read_to_string(Path::new("/etc/passwd")).unwrap();
    let find = |wanted: &str| {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next() == Some(wanted)).then(|| {
                let mut ids = fields.skip(1).map(|id| id.parse().unwrap());
                (ids.next().unwrap(), ids.next().unwrap())
            })
        })
    };
    find("postgres").or_else(|| find("nobody")).unwrap()
}
