//! Hearing from other servers which accounts have news.

use super::session::{Address, CHANNEL, Driver, accounts_in, within};
use crate::logging::log;
use crate::store::StoreError;
use crate::waiters::Waiters;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_postgres::{AsyncMessage, Client, Connection, Socket};

/// Between two attempts to connect.
const PAUSE: Duration = Duration::from_secs(1);

/// Between two questions whether the database still answers.
const HEARTBEAT: Duration = Duration::from_secs(3);

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(3);

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
    let (client, hearing) = Box::pin(address.connect(Hearing(sender))).await?;
    let _hearing = hearing;
    ask(&client, &format!("LISTEN {CHANNEL}")).await?;
    // What was told before is unknown, so everyone looks for themselves.
    waiters.wake_all();
    loop {
        match tokio::time::timeout(HEARTBEAT, payloads.recv()).await {
            Ok(Some(payload)) => waiters.wake(accounts_in(&payload)),
            Ok(None) => return Err(StoreError::Away),
            // Silence may mean that there is no news, or that the database hangs.
            Err(_) => ask(&client, "SELECT 1").await?,
        }
    }
}

async fn ask(client: &Client, query: &str) -> Result<(), StoreError> {
    within(PATIENCE, async {
        Ok(client.simple_query(query).await.map(|_| ())?)
    })
    .await
}

/// Hands on what other servers tell.
struct Hearing(mpsc::UnboundedSender<String>);

impl Driver for Hearing {
    type Handle = JoinSet<()>;

    fn drive<T>(&self, mut connection: Connection<Socket, T>) -> JoinSet<()>
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let told = self.0.clone();
        // A set ends its tasks when it is dropped.
        let mut task = JoinSet::new();
        task.spawn(async move {
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await
            {
                if let AsyncMessage::Notification(notification) = message
                    && told.send(notification.payload().to_owned()).is_err()
                {
                    return;
                }
            }
        });
        task
    }
}
