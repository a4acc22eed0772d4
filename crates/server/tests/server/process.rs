//! The server as a process.

use crate::client::PATIENCE;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Mutex, mpsc};
use std::thread::JoinHandle;

/// Where the servers that were started keep their data.
static DATA: Mutex<Vec<(SocketAddr, PathBuf)>> = Mutex::new(Vec::new());

/// Where the latest server at `address` keeps its data.
pub(crate) fn data_dir(address: SocketAddr) -> PathBuf {
    let known = DATA.lock().unwrap();
    let mut known = known.iter().rev();
    known.find(|(at, _)| *at == address).unwrap().1.clone()
}

/// The server at `address` keeps its data in `dir`.
pub(crate) fn keeps_data(address: SocketAddr, dir: &Path) {
    DATA.lock().unwrap().push((address, dir.to_owned()));
}

pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// Where its metrics are, with `--metrics-listen`.
    pub(crate) metrics: Option<SocketAddr>,
    /// Where it answers plain http, with `--redirect-listen`.
    pub(crate) redirect: Option<SocketAddr>,
    log: Option<JoinHandle<String>>,
}

/// The program with nothing of the surrounding environment.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kaifu-server"));
    command.env_clear();
    command
}

pub(crate) fn run(args: &[&str]) -> Output {
    program().args(args).output().unwrap()
}

impl Server {
    /// Starts the server on a free port, with its data in `dir`.
    pub(crate) fn start(dir: &Path) -> Self {
        Self::start_with(dir, &[])
    }

    pub(crate) fn start_with(dir: &Path, args: &[&str]) -> Self {
        let mut command = program();
        command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("KAIFU_LINKS", "redirect")
            .env("KAIFU_ACCOUNTS_PER_HOUR", "0")
            .env("KAIFU_ERRORS_PER_MINUTE", "0")
            .env("KAIFU_ACCOUNT_EVENTS_PER_DAY", "0")
            .env("KAIFU_MESSAGE_EVENTS_PER_DAY", "0");
        Self::spawn(command.args(args).arg("--data-dir").arg(dir))
    }

    /// Starts `command` and waits until it says where it listens.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (sender, address) = mpsc::channel();
        let (metrics_sender, metrics) = mpsc::channel();
        let (redirect_sender, redirect) = mpsc::channel();
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            for line in lines {
                let line = line.unwrap();
                // These come first, so they are known as soon as the address is.
                if let Some((_, rest)) = line.split_once("metrics at http://") {
                    let address = rest.trim_end_matches("/metrics").parse().unwrap();
                    let _ = metrics_sender.send(address);
                }
                if let Some((_, rest)) = line.split_once("redirecting http://") {
                    let (address, _) = rest.split_once(' ').unwrap();
                    let _ = redirect_sender.send(address.parse().unwrap());
                }
                if let Some((_, url)) = line.split_once("listening on ") {
                    let (_, address) = url.split_once("://").unwrap();
                    let _ = sender.send(address.parse().unwrap());
                }
                log.push_str(&line);
                log.push('\n');
            }
            log
        });
        let Ok(address) = address.recv_timeout(PATIENCE) else {
            let _ = child.kill();
            panic!("the server did not start: {}", log.join().unwrap());
        };
        let mut args = command.get_args();
        if args.any(|arg| arg == "--data-dir")
            && let Some(dir) = args.next()
        {
            keeps_data(address, Path::new(dir));
        }
        Self {
            child,
            address,
            metrics: metrics.try_recv().ok(),
            redirect: redirect.try_recv().ok(),
            log: Some(log),
        }
    }

    /// Kills the server where it stands and gives its log.
    pub(crate) fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.log.take().unwrap().join().unwrap()
    }

    pub(crate) fn id(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Has the server end by itself and gives its log.
    pub(crate) fn stop(self) -> String {
        self.signal(Signal::TERM);
        self.wait().1
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.id(), signal).unwrap();
    }

    /// Waits until the server has ended and gives its status and log.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        (status, self.log.take().unwrap().join().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A failed test must not leave a server behind.
        if self.log.is_some() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
