//! Small values that outlive the worker. Needs the permission `storage`.
//! <https://developer.chrome.com/docs/extensions/reference/api/storage>

pub mod local {
    //! `chrome.storage.local`: kept on this device until the extension is removed.

    use crate::convert::{from_js, to_js};
    use crate::error::ChromeError;
    use crate::sys::storage as sys;
    use js_sys::{Object, Reflect};
    use serde::Serialize;
    use serde::de::DeserializeOwned;
    use wasm_bindgen::JsCast as _;

    /// The value under `key`; `None` where there is none.
    ///
    /// # Errors
    ///
    /// When the browser cannot read its storage, or the value does not have the shape of `T`.
    pub async fn get<T: DeserializeOwned>(key: &str) -> Result<Option<T>, ChromeError> {
        let found = Reflect::get(&sys::get(key).await?, &key.into())?;
        if found.is_undefined() {
            return Ok(None);
        }
        Ok(Some(from_js(found)?))
    }

    /// Puts `value` under `key`.
    ///
    /// # Errors
    ///
    /// When the browser cannot write its storage, for lack of room for instance.
    pub async fn set<T: Serialize>(key: &str, value: &T) -> Result<(), ChromeError> {
        let items = Object::new();
        Reflect::set(&items, &key.into(), &to_js(value)?)?;
        sys::set(&items).await?;
        Ok(())
    }

    /// What lies under `keys`, as the browser has it; what is not there is left out.
    ///
    /// # Errors
    ///
    /// When the browser cannot read its storage.
    pub async fn as_stored(keys: &[&str]) -> Result<Object, ChromeError> {
        let found = Object::new();
        for key in keys {
            Object::assign(&found, &sys::get(key).await?.unchecked_into());
        }
        Ok(found)
    }

    /// Puts each value of `items` under its name.
    ///
    /// # Errors
    ///
    /// When the browser cannot write its storage, for lack of room for instance.
    pub async fn store(items: &Object) -> Result<(), ChromeError> {
        sys::set(items).await?;
        Ok(())
    }

    /// Removes everything.
    ///
    /// # Errors
    ///
    /// When the browser cannot write its storage.
    pub async fn clear() -> Result<(), ChromeError> {
        sys::clear().await?;
        Ok(())
    }
}
