//! What is kept of emails as a whole: how much it is, as a file, and out of one.

use crate::error::WorkerError;
use crate::store::{self, archive};
use crate::subscribers::{self, Topic};
use kaifu_protocol::pages::{CountKept, Export, Import, Kept};

/// How much is kept.
pub(crate) async fn count(_: CountKept) -> Result<Kept, WorkerError> {
    let (emails, events) = archive::count(&store::open().await?).await?;
    Ok(Kept { emails, events })
}

/// All of it as a file's text.
pub(crate) async fn export(_: Export) -> Result<String, WorkerError> {
    archive::write(&store::open().await?).await
}

/// Keeps what a file has that is not known yet.
pub(crate) async fn import(call: Import) -> Result<u32, WorkerError> {
    let count = archive::read(&store::open().await?, &call.text).await?;
    subscribers::changed(&[Topic::Messages]);
    Ok(count)
}
