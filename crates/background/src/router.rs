//! Looks at who asks, and only then at what: a web page's tab may ask less than our own pages.

use crate::error::WorkerError;
use crate::sender::{SenderTab, Trust};
use crate::store::{self, untracked};
use crate::{conversation, health, held, marks, news, overview, session, settings};
use kaifu_chrome::convert::{from_js, to_js};
use kaifu_protocol::call::{Call, Failure};
use kaifu_protocol::content::{self, ContentRequest};
use kaifu_protocol::popup::{self, PopupRequest, SaveSettings, Settings};
use wasm_bindgen::JsValue;

/// The reply to `message`: `{Ok: …}` or `{Err: …}`.
pub(crate) async fn answer(message: JsValue, sender: JsValue) -> JsValue {
    match Trust::of(sender) {
        Some(Trust::Gmail(tab)) => match from_js(message) {
            Ok(request) => gmail(request, tab).await,
            Err(_) => malformed(),
        },
        Some(Trust::OwnPage) => match from_js(message) {
            Ok(request) => own_page(request).await,
            Err(_) => malformed(),
        },
        None => malformed(),
    }
}

async fn gmail(request: ContentRequest, tab: SenderTab) -> JsValue {
    match request {
        ContentRequest::Watch(call) => reply::<content::Watch>(session::watch(call).await),
        ContentRequest::Choose(call) => reply::<content::Choose>(session::choose(call).await),
        ContentRequest::Press(call) => reply::<content::Press>(session::press(call, tab).await),
        ContentRequest::PressUntracked(call) => {
            reply::<content::PressUntracked>(session::press_untracked(call).await)
        }
        ContentRequest::Settle(call) => reply::<content::Settle>(session::settle(call).await),
        ContentRequest::Locate(call) => reply::<content::Locate>(session::locate(call).await),
        ContentRequest::LookUp(call) => reply::<content::LookUp>(marks::look_up(call).await),
        ContentRequest::Landmarks(call) => reply::<content::Landmarks>(health::report(call).await),
        ContentRequest::Viewed(call) => reply::<content::Viewed>(marks::viewed(call).await),
    }
}

async fn own_page(request: PopupRequest) -> JsValue {
    match request {
        PopupRequest::WatchMessages(call) => {
            reply::<popup::WatchMessages>(overview::watch(call).await)
        }
        PopupRequest::SaveSettings(call) => reply::<SaveSettings>(save(call).await),
        PopupRequest::OpenConversation(call) => {
            reply::<popup::OpenConversation>(conversation::open(&call.message).await)
        }
        PopupRequest::Refresh(_) => {
            news::refresh().await;
            reply::<popup::Refresh>(Ok(()))
        }
    }
}

async fn save(call: SaveSettings) -> Result<Settings, WorkerError> {
    let before = settings::load().await?;
    let saved = settings::save(call.settings).await?;
    if !saved.mark_untracked {
        untracked::forget_all(&store::open().await?).await?;
    }
    if saved.backend == before.backend {
        held::changed();
    } else {
        news::refresh().await;
    }
    Ok(saved)
}

fn reply<C: Call>(result: Result<C::Reply, WorkerError>) -> JsValue {
    to_js(&result.map_err(Failure::from)).unwrap_or_else(|_| malformed())
}

fn malformed() -> JsValue {
    to_js(&Err::<(), _>(Failure::Malformed)).unwrap_or(JsValue::UNDEFINED)
}
