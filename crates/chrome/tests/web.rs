//! Values cross to JavaScript and back, in a real browser.

#![expect(clippy::unwrap_used, reason = "a test may fail by it")]

use kaifu_chrome::convert::{from_js, message_to_js, to_js};
use kaifu_chrome::seal;
use kaifu_core::gmail::id::{DraftId, GmailId as _, ThreadId};
use kaifu_core::seal::MessageSealKey;
use kaifu_protocol::api::{Claim, Class, Event, Kind, Source};
use kaifu_protocol::call::Failure;
use kaifu_protocol::content::{Choice, ContentRequest, Draft, Server, Session, Watch};
use kaifu_protocol::held::Held;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fmt::Debug;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let read: T = from_js(to_js(value).unwrap()).unwrap();
    assert_eq!(&read, value);
}

fn crosses<T: Serialize + DeserializeOwned + PartialEq + Debug>(message: &T) {
    comes_back(message);
    let read: T = from_js(message_to_js(message).unwrap()).unwrap();
    assert_eq!(&read, message);
}

#[wasm_bindgen_test]
fn what_no_message_has_is_refused() {
    assert!(message_to_js(&BTreeMap::from([("a", 1)])).is_err());
    assert!(message_to_js(&i64::MAX).is_err());
    assert!(message_to_js(&u64::MAX).is_err());
    crosses(&((1_i64 << 53) - 1));
    crosses(&[1_u32, 2]);
    crosses(&Some("開封".to_owned()));
}

#[wasm_bindgen_test]
fn a_field_that_is_missing_is_nothing_or_what_its_type_says() {
    let value = js_sys::JSON::parse(
        r#"{"revision":1,"pause_ms":0,"value":{"message_key":"a",
        "track_by_default":true,"mark_untracked":false,"marks_revision":2,"drafts":[]}}"#,
    );
    let read: Held<Session> = from_js(value.unwrap()).unwrap();
    let expected = Session {
        message_key: "a".to_owned(),
        track_by_default: true,
        marks_revision: 2,
        ..Session::default()
    };
    assert_eq!(read.value, expected);
    let value = js_sys::JSON::parse(r#"{"revision":1,"value":null}"#).unwrap();
    assert!(from_js::<Held<Option<u32>>>(value).is_err());
}

#[wasm_bindgen_test]
fn what_crosses_a_process_comes_back() {
    crosses(&Ok::<_, Failure>(Held {
        revision: 1_795_456_155_059,
        pause_ms: 0,
        value: Session {
            account: None,
            server: Server::Refuses,
            own_images: Vec::new(),
            message_key: String::new(),
            seal_key: String::new(),
            track_by_default: true,
            mode: "image".to_owned(),
            tells: true,
            lines: vec!["See [here].".to_owned()],
            strict: true,
            track_days: 90,
            people: Vec::new(),
            mark_untracked: false,
            marks_revision: 0,
            drafts: vec![Draft {
                draft: DraftId::parse("msg-a:r1").unwrap(),
                chosen: Some(Choice {
                    mode: Some("receipt".to_owned()),
                    at: 1_795_456_155_059,
                }),
                pressed: None,
                message: None,
                thread: ThreadId::parse("thread-a:r1"),
                scheduled: true,
                cancelled: true,
                open_at: None,
            }],
        },
    }));
    crosses(&Err::<(), _>(Failure::Storage("開封".into())));
    crosses(&Err::<(), _>(Failure::Malformed));
    crosses(&ContentRequest::from(Watch {
        revision: 7,
        runtime: "js".to_owned(),
    }));
    comes_back(&BTreeMap::from([
        ("a".to_owned(), 1.5),
        ("b".to_owned(), -2.0),
    ]));
    crosses(&Event {
        seq: (1 << 53) - 1,
        id: "AAAAAAAAAAE".to_owned(),
        message: "AAAAAAAAAAA".into(),
        kind: Kind::Pixel,
        at: -1,
        source: Source {
            class: Class::GmailProxy,
            client: Some("Gmail".into()),
            device: None,
            country: None,
            reader: None,
        },
        claim: Claim::Likely,
        reason: "gmail_proxy".into(),
        repeats: 0,
        sealed: None,
        of: None,
    });
}

#[wasm_bindgen_test]
fn what_has_another_shape_is_refused() {
    for value in [
        JsValue::NULL,
        JsValue::from_f64(1.5),
        JsValue::from_str("watch"),
        js_sys::Array::of1(&JsValue::TRUE).into(),
        js_sys::Object::new().into(),
        js_sys::JSON::parse(r#"{"call":"watch","revision":-1}"#).unwrap(),
        js_sys::JSON::parse(r#"{"call":"watch","revision":1.5}"#).unwrap(),
        js_sys::JSON::parse(r#"{"call":"erase_everything"}"#).unwrap(),
    ] {
        assert!(
            from_js::<ContentRequest>(value.clone()).is_err(),
            "{value:?}"
        );
    }
}

#[wasm_bindgen_test]
fn names_from_a_newer_server_are_unknown_and_no_error() {
    let value = js_sys::JSON::parse(r#"{"class":"quantum_reader","client":null,"later":[1]}"#);
    let source: Source = from_js(value.unwrap()).unwrap();
    assert_eq!((source.class, source.client), (Class::Unknown, None));
}

/// As the script of the recipient's page sealed it.
const SEALED: &str = "M1J-gUDkXKH7OKfV2giCnAJbUflUNGiVQNoNhuSoyu6ruZlnl5P1u_HyEKmKXQCUEv50KTfLWabVHtkk3snCT9_dQCWxhQ5g_X5hDyNNvRbL408SwDqopBOq4kzavURBjJTafn1ilPsFtrnkNIInsXhPC_QiaM71UuA96SnU040xq9mDMk9d7qPsMEztSWElEJIa8g37hU0mHBCaZI_UNAvO7-ws3EMRGSsd-nmfXLCW0BXgQiS847zUv1iiVW7EMCBj0J2XRger0IVXxMfIHuo3KJM_RG3t90Q4G17WutTaeA3auQXeWSJaDGMng9wc0LCavn5QYRgE7nRXB1GKRRDJS4cX41-wUZ-DiSCH6ARd_4cmGj6gTEGM_kc";

#[wasm_bindgen_test]
async fn what_the_page_sealed_opens_with_its_key_alone() {
    let key = MessageSealKey(std::array::from_fn(|place| u8::try_from(place).unwrap()));
    let name = seal::open(SEALED, &key).await.unwrap();
    assert_eq!(name.as_deref(), Some("佐藤 花子"));
    for (text, key) in [
        (SEALED.to_owned(), MessageSealKey([9; 16])),
        (SEALED.replacen("M1J", "M1K", 1), key.clone()),
        (SEALED[1..].to_owned(), key.clone()),
        (String::new(), key),
    ] {
        assert_eq!(seal::open(&text, &key).await.unwrap(), None);
    }
}
