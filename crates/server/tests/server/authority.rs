//! A certificate authority of a test's own: Let's Encrypt's Pebble, which looks at the server as
//! the real one does, and a DNS that leads every name to the loopback.

use crate::client::PATIENCE;
use crate::secure::{Root, ask, connect};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;
use tempfile::TempDir;

/// What the authority is to do.
#[derive(Clone, Default)]
pub(crate) struct Manners {
    /// Where servers are looked at.
    pub(crate) port: u16,
    /// How long certificates are good for, in seconds.
    pub(crate) validity: u32,
    /// A domain that gets no certificates.
    pub(crate) refuses: Option<&'static str>,
}

pub(crate) struct Authority {
    dir: TempDir,
    root: Root,
    directory: SocketAddr,
    management: SocketAddr,
    processes: Vec<Child>,
}

impl Authority {
    /// Starts an authority; `None`, with the reason in the output, where Pebble is not installed.
    pub(crate) fn start(manners: &Manners) -> Option<Self> {
        let [pebble, dns] = ["pebble", "pebble-challtestsrv"].map(find);
        let (Some(pebble), Some(dns)) = (pebble, dns) else {
            eprintln!("skipped: Pebble is not installed (Debian: pebble)");
            return None;
        };
        let dir = tempfile::tempdir().unwrap();
        let root = Root::new();
        let [certificate, key] = root.issue("127.0.0.1", dir.path());
        std::fs::write(dir.path().join("root.pem"), root.pem()).unwrap();
        let [directory, management, dns_port, dns_control] = free_addresses();
        let config = serde_json::json!({ "pebble": {
            "listenAddress": directory.to_string(),
            "managementListenAddress": management.to_string(),
            "certificate": certificate,
            "privateKey": key,
            "httpPort": 1,
            "tlsPort": manners.port,
            "certificateValidityPeriod": manners.validity,
            "domainBlocklist": manners.refuses.iter().collect::<Vec<_>>(),
        } });
        let path = dir.path().join("pebble.json");
        std::fs::write(&path, config.to_string()).unwrap();
        let mut authority = Self {
            dir,
            root,
            directory,
            management,
            processes: Vec::new(),
        };
        let mut command = Command::new(dns);
        command.args(["-dns01", &dns_port.to_string()]);
        command.args(["-management", &dns_control.to_string()]);
        command.args(["-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""]);
        command.args(["-http01", "", "-https01", "", "-tlsalpn01", ""]);
        authority.run(&mut command, dns_control);
        let mut command = Command::new(pebble);
        command.arg("-strict").arg("-config").arg(path);
        command.args(["-dnsserver", &dns_port.to_string()]);
        command.env("PEBBLE_VA_NOSLEEP", "1");
        // It would refuse good requests at random, and with bad luck one three times over.
        command.env("PEBBLE_WFE_NONCEREJECT", "0");
        authority.run(&mut command, directory);
        Some(authority)
    }

    fn run(&mut self, command: &mut Command, address: SocketAddr) {
        let process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.processes.push(process.unwrap());
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(start.elapsed() < PATIENCE, "{command:?} did not start");
        }
    }

    /// What `--acme-directory` takes.
    pub(crate) fn directory(&self) -> String {
        format!("https://{}/dir", self.directory)
    }

    /// The file of certificates that whoever asks the authority has to trust.
    pub(crate) fn trusted(&self) -> PathBuf {
        self.dir.path().join("root.pem")
    }

    /// The root of the certificates that it issues, in PEM.
    pub(crate) fn root(&self) -> String {
        let mut client = connect(self.management, "127.0.0.1", &self.root.trust()).unwrap();
        let answer = ask(&mut client, "GET", "/roots/0", &[], "");
        answer.text().to_owned()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(program))
        .find(|program| program.is_file())
}

/// Addresses of the loopback that nobody uses, for TCP and UDP. Another program may take one before
/// it is used; then that start fails.
pub(crate) fn free_addresses<const COUNT: usize>() -> [SocketAddr; COUNT] {
    let taken = [(); COUNT].map(|()| {
        let start = Instant::now();
        loop {
            let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = tcp.local_addr().unwrap();
            if let Ok(udp) = UdpSocket::bind(address) {
                return (tcp, udp, address);
            }
            assert!(start.elapsed() < PATIENCE, "no port is free");
        }
    });
    taken.map(|(_, _, address)| address)
}
