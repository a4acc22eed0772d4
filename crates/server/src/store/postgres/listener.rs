//! Hearing from other servers which accounts have news.

use super::session::{CHANNEL, accounts_in};
use crate::store::StoreError;
use crate::waiters::Waiters;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_postgres::{AsyncMessage, Config, NoTls};

/// Between two attempts to connect.
const PAUSE: Duration = Duration::from_secs(1);

/// Wakes `waiters` for whatever other servers tell, until it is aborted.
pub(super) async fn run(config: Config, waiters: Arc<Waiters>) {
    loop {
        if let Err(error) = listen(&config, &waiters).await {
            tracing::debug!("cannot listen to other servers: {error}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen(config: &Config, waiters: &Waiters) -> Result<(), StoreError> {
    let (client, mut connection) = config.connect(NoTls).await?;
    let (sender, mut payloads) = mpsc::unbounded_channel();
    let pump = async move {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(notification) = message?
                && sender.send(notification.payload().to_owned()).is_err()
            {
                break;
            }
        }
        Ok::<_, StoreError>(())
    };
    let wake = async {
        client.batch_execute(&format!("LISTEN {CHANNEL}")).await?;
        // What was told before is unknown, so everyone looks for themselves.
        waiters.wake_all();
        while let Some(payload) = payloads.recv().await {
            waiters.wake(accounts_in(&payload));
        }
        Ok::<_, StoreError>(())
    };
    tokio::try_join!(pump, wake).map(|_| ())
}
