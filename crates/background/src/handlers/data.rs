//! What is kept of emails as a whole: how much it is, as a file, and out of one.

use crate::backend::account::{self, AccountError};
use crate::backend::poll;
use crate::error::WorkerError;
use crate::notify::badge;
use crate::store::{self, archive};
use crate::subscribers::{self, Topic};
use crate::{accounts, belongings, consents};
use kaifu_chrome::storage;
use kaifu_protocol::call::Failure;
use kaifu_protocol::pages::{
    CountKept, Erase, Export, ForgetConsent, Import, Kept, ListConsents, Pack, Packed, Said,
    TakeOver,
};
use wasm_bindgen_futures::spawn_local;

/// How much is kept.
pub(crate) async fn count(_: CountKept) -> Result<Kept, WorkerError> {
    let (emails, events) = archive::count(&store::open().await?).await?;
    Ok(Kept { emails, events })
}

/// All of it as a file's text.
pub(crate) async fn export(_: Export) -> Result<String, WorkerError> {
    archive::write(&store::open().await?).await
}

/// Erases everything here, and before that at the servers unless they are to be left out.
pub(crate) async fn erase(call: Erase) -> Result<(), WorkerError> {
    if !call.here_only {
        account::delete_all().await.map_err(|error| match error {
            AccountError::Worker(error) => error,
            AccountError::Backend(_) => Failure::Unanswered.into(),
        })?;
    }
    // What they would answer now is not to be kept.
    account::end_questions().await?;
    store::clear(&*store::open().await?).await?;
    storage::local::clear().await?;
    account::block_own_views().await?;
    badge::update(&store::open().await?).await?;
    subscribers::changed(Topic::ALL);
    Ok(())
}

/// Everything that another browser needs to go on in the place of this one.
pub(crate) async fn pack(_: Pack) -> Result<Packed, WorkerError> {
    let accounts = accounts::all().await?.into_iter();
    Ok(Packed {
        backends: accounts.map(|it| it.backend.to_string()).collect(),
        text: belongings::pack(&store::open().await?).await?,
    })
}

/// Goes on in the place of another browser.
pub(crate) async fn take_over(call: TakeOver) -> Result<u32, WorkerError> {
    let store = store::open().await?;
    if archive::count(&store).await?.0 > 0 {
        return Err(Failure::NotEmpty.into());
    }
    // What they would answer now belongs to another account.
    account::end_questions().await?;
    let count = belongings::unpack(&store, &call.text).await?;
    account::block_own_views().await?;
    subscribers::changed(Topic::ALL);
    spawn_local(poll::refresh());
    Ok(count)
}

/// How people stand to being tracked.
pub(crate) async fn consents(_: ListConsents) -> Result<Vec<Said>, WorkerError> {
    consents::list().await
}

/// Forgets how somebody stands to it.
pub(crate) async fn forget_consent(call: ForgetConsent) -> Result<(), WorkerError> {
    consents::forget(&call).await
}

/// Keeps what a file has that is not known yet.
pub(crate) async fn import(call: Import) -> Result<u32, WorkerError> {
    let count = archive::read(&store::open().await?, &call.text).await?;
    subscribers::changed(&[Topic::Messages]);
    Ok(count)
}
