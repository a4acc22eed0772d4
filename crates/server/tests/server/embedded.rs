//! The server in this process.

use kaifu_server::Clock;
use kaifu_server::settings::{Encryption, Limits, Links, Settings};
use std::net::SocketAddr;
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// The server in this process, with limits that a test can wait for.
pub(crate) struct Inside {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Inside {
    pub(crate) fn start(dir: &Path, limits: Limits) -> Self {
        Self::start_with(dir, "sqlite:kaifu.db", limits, Clock::default())
    }

    pub(crate) fn start_with(dir: &Path, database: &str, limits: Limits, clock: Clock) -> Self {
        Self::serve(Settings {
            database: database.parse().unwrap(),
            clock,
            ..settings(dir, limits)
        })
    }

    pub(crate) fn start_encrypted(dir: &Path, encryption: Encryption, limits: Limits) -> Self {
        Self::serve(Settings {
            encryption,
            ..settings(dir, limits)
        })
    }

    pub(crate) fn serve(settings: Settings) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        crate::process::keeps_data(address, &settings.data_dir);
        let thread = std::thread::spawn(move || {
            let shutdown = async {
                let _ = stopped.await;
            };
            runtime
                .block_on(kaifu_server::serve(settings, listener, shutdown))
                .unwrap();
        });
        Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        }
    }
}

pub(crate) fn settings(dir: &Path, limits: Limits) -> Settings {
    Settings {
        data_dir: dir.to_owned(),
        key_file: dir.join("server.key"),
        database: "sqlite:kaifu.db".parse().unwrap(),
        needs_standby: false,
        public_url: None,
        operator: kaifu_server::settings::Operator::default(),
        retention: Duration::from_hours(24),
        accounts_per_hour: 0,
        errors_per_minute: 0,
        trusted_proxies: Vec::new(),
        metrics_listen: None,
        links: Links::Redirect,
        encryption: Encryption::None,
        redirect: None,
        clock: Clock::default(),
        limits,
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().unwrap().join();
        assert!(ended.is_ok() || std::thread::panicking());
    }
}
