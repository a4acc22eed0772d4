//! The JSON of everything that crosses a process: a change of it shows in review.

#[cfg(test)]
mod api;
#[cfg(test)]
mod content;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod report;

#[cfg(test)]
use kaifu_protocol::call::Content;
#[cfg(test)]
use serde::{Serialize, de::DeserializeOwned};
#[cfg(test)]
use std::fmt::Debug;

/// The content of a request as JSON.
#[cfg(test)]
struct Json(serde_json::Value);

#[cfg(test)]
impl Content for Json {
    type Error = serde_json::Error;

    fn read<T: DeserializeOwned>(self) -> Result<T, serde_json::Error> {
        serde_json::from_value(self.0)
    }
}

/// Says that each of `requests` reads back as it was written, by its name too, and gives them on.
#[cfg(test)]
macro_rules! round_requests {
    ($request:ident, $requests:expr) => {{
        let requests = $requests;
        for request in &requests {
            let json = serde_json::to_value(request).unwrap();
            let name = json["call"].as_str().unwrap().to_owned();
            let read = $request::read(&name, crate::Json(json.clone())).unwrap();
            assert_eq!(&read.unwrap(), request, "{json}");
            assert!($request::read("watch_nothing", crate::Json(json)).is_none());
        }
        crate::round(requests)
    }};
}
#[cfg(test)]
pub(crate) use round_requests;

/// Says that `value` reads back as it was written, and gives it on.
#[cfg(test)]
fn round<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T) -> T {
    let json = serde_json::to_string(&value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&json).unwrap(), value, "{json}");
    value
}
