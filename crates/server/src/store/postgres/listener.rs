//! Hearing from other servers which accounts have news.

use super::session::{Address, CHANNEL, Drive, accounts_in};
use crate::logging::log;
use crate::store::StoreError;
use crate::waiters::Waiters;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_postgres::{AsyncMessage, Connection, Socket};

/// Between two attempts to connect.
const PAUSE: Duration = Duration::from_secs(1);

/// Wakes `waiters` for whatever other servers tell, until it is aborted.
pub(super) async fn run(address: Address, waiters: Arc<Waiters>) {
    loop {
        if let Err(error) = listen(&address, &waiters).await {
            log!(Debug, "cannot listen to other servers: {error}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen(address: &Address, waiters: &Waiters) -> Result<(), StoreError> {
    let (sender, mut payloads) = mpsc::unbounded_channel();
    let (client, hearing) = Box::pin(address.connect(Hear(sender))).await?;
    let _hearing = hearing;
    client.batch_execute(&format!("LISTEN {CHANNEL}")).await?;
    // What was told before is unknown, so everyone looks for themselves.
    waiters.wake_all();
    while let Some(payload) = payloads.recv().await {
        waiters.wake(accounts_in(&payload));
    }
    Err(StoreError::Away)
}

/// Hands on what other servers tell.
struct Hear(mpsc::UnboundedSender<String>);

impl Drive for Hear {
    type Driving = JoinSet<()>;

    fn drive<T>(self, mut connection: Connection<Socket, T>) -> JoinSet<()>
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        // A set ends its tasks when it is dropped.
        let mut task = JoinSet::new();
        task.spawn(async move {
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await
            {
                if let AsyncMessage::Notification(notification) = message
                    && self.0.send(notification.payload().to_owned()).is_err()
                {
                    return;
                }
            }
        });
        task
    }
}
