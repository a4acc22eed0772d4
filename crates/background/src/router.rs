//! Looks at who asks, and only then at what: a web page's tab may ask less than our own pages. What
//! is asked for is the business of one handler.

use crate::consents;
use crate::error::WorkerError;
use crate::handlers::{check, data, first, gmail, marks, overview, report, settings};
use crate::in_order;
use crate::sender::{SenderTab, Trust};
use js_sys::Reflect;
use kaifu_chrome::ChromeError;
use kaifu_chrome::convert::{from_js, message_to_js};
use kaifu_protocol::call::{Call, Content, Failure};
use kaifu_protocol::content::{self, ContentRequest};
use kaifu_protocol::pages::{self, PageRequest};
use kaifu_protocol::report::WatchReport;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

/// The reply to `message`: `{Ok: …}` or `{Err: …}`.
pub(crate) async fn answer(message: JsValue, sender: JsValue) -> JsValue {
    match Trust::of(sender) {
        Some(Trust::Gmail(tab)) => match ContentRequest::read(&name(&message), Message(message)) {
            Some(Ok(request)) => of_gmail(request, tab).await,
            _ => malformed(),
        },
        Some(Trust::OwnPage) => match PageRequest::read(&name(&message), Message(message)) {
            Some(Ok(request)) => of_own_page(request).await,
            _ => malformed(),
        },
        None => malformed(),
    }
}

/// What is asked for, by its name.
fn name(message: &JsValue) -> String {
    let name = Reflect::get(message, &"call".into()).ok();
    name.and_then(|name| name.as_string()).unwrap_or_default()
}

/// A message as it came.
struct Message(JsValue);

impl Content for Message {
    type Error = ChromeError;

    fn read<T: DeserializeOwned>(self) -> Result<T, ChromeError> {
        from_js(self.0)
    }
}

async fn of_gmail(request: ContentRequest, tab: SenderTab) -> JsValue {
    match request {
        ContentRequest::Watch(call) => reply::<content::Watch>(gmail::watch(call, &tab).await),
        ContentRequest::LookUp(call) => reply::<content::LookUp>(marks::look_up(call).await),
        ContentRequest::Landmarks(call) => reply::<content::Landmarks>(gmail::miss(call).await),
        ContentRequest::OpenFirstPage(_) => {
            reply::<content::OpenFirstPage>(gmail::open_first_page().await)
        }
        ContentRequest::Viewed(call) => reply::<content::Viewed>(gmail::viewed(call).await),
        told => reply::<content::Press>(in_order::next(keep(told, tab)).await),
    }
}

/// Keeps what a tab told of an email: what follows one piece must not be looked at before that is kept.
async fn keep(told: ContentRequest, tab: SenderTab) -> Result<(), WorkerError> {
    match told {
        ContentRequest::Choose(call) => gmail::choose(call).await,
        ContentRequest::Press(call) => gmail::press(call, tab).await,
        ContentRequest::PressUntracked(call) => gmail::press_untracked(call).await,
        ContentRequest::Settle(call) => gmail::settle(call).await,
        ContentRequest::Locate(call) => gmail::locate(call).await,
        ContentRequest::Wish(call) => consents::wish(&call).await,
        ContentRequest::Watch(_)
        | ContentRequest::LookUp(_)
        | ContentRequest::Landmarks(_)
        | ContentRequest::OpenFirstPage(_)
        | ContentRequest::Viewed(_) => Err(Failure::Malformed.into()),
    }
}

async fn of_own_page(request: PageRequest) -> JsValue {
    match request {
        PageRequest::WatchMessages(call) => {
            reply::<pages::WatchMessages>(overview::watch(call).await)
        }
        PageRequest::WatchSettings(call) => {
            reply::<pages::WatchSettings>(settings::watch(call).await)
        }
        PageRequest::WatchFirst(call) => reply::<pages::WatchFirst>(first::watch(call).await),
        PageRequest::Agree(call) => reply::<pages::Agree>(first::agree(call).await),
        PageRequest::WatchReport(call) => reply::<WatchReport>(report::watch(call).await),
        PageRequest::Looked(call) => reply::<pages::Looked>(overview::looked(call).await),
        PageRequest::SaveSettings(call) => reply::<pages::SaveSettings>(settings::save(call).await),
        PageRequest::OpenConversation(call) => {
            reply::<pages::OpenConversation>(overview::open_conversation(call).await)
        }
        PageRequest::Refresh(call) => reply::<pages::Refresh>(overview::refresh(call).await),
        PageRequest::Mute(call) => reply::<pages::Mute>(overview::mute(call).await),
        PageRequest::CountKept(call) => reply::<pages::CountKept>(data::count(call).await),
        PageRequest::Export(call) => reply::<pages::Export>(data::export(call).await),
        PageRequest::Pack(call) => reply::<pages::Pack>(data::pack(call).await),
        PageRequest::TakeOver(call) => reply::<pages::TakeOver>(data::take_over(call).await),
        PageRequest::Erase(call) => reply::<pages::Erase>(data::erase(call).await),
        PageRequest::ListConsents(call) => reply::<pages::ListConsents>(data::consents(call).await),
        PageRequest::ForgetConsent(call) => {
            reply::<pages::ForgetConsent>(data::forget_consent(call).await)
        }
        PageRequest::Check(call) => reply::<pages::Check>(check::check(call).await),
        PageRequest::Import(call) => reply::<pages::Import>(data::import(call).await),
        PageRequest::Forget(call) => reply::<pages::Forget>(overview::forget(call).await),
        PageRequest::BringBack(call) => reply::<pages::BringBack>(overview::bring_back(call).await),
        PageRequest::Remind(call) => reply::<pages::Remind>(overview::remind(call).await),
        PageRequest::TestNotice(call) => reply::<pages::TestNotice>(settings::test(call).await),
        PageRequest::RegisterAgain(call) => {
            reply::<pages::RegisterAgain>(overview::register_again(call).await)
        }
    }
}

fn reply<C: Call>(result: Result<C::Reply, WorkerError>) -> JsValue {
    message_to_js(&result.map_err(Failure::from)).unwrap_or_else(|_| malformed())
}

fn malformed() -> JsValue {
    message_to_js(&Err::<(), _>(Failure::Malformed)).unwrap_or(JsValue::UNDEFINED)
}
