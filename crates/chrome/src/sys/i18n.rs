use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["chrome", "i18n"], js_name = getMessage)]
    pub fn get_message(key: &str, substitutions: Vec<String>) -> String;

    // Without an array of values, which each program would carry the code for.
    #[wasm_bindgen(js_namespace = ["chrome", "i18n"], js_name = getMessage)]
    pub fn get_text(key: &str) -> String;

    #[wasm_bindgen(js_namespace = ["chrome", "i18n"], js_name = getMessage)]
    pub fn get_text_about(key: &str, value: &str) -> String;

    #[wasm_bindgen(js_namespace = ["chrome", "i18n"], js_name = getUILanguage)]
    pub fn get_ui_language() -> String;

    /// What `fetch` answers.
    pub type Answer;

    #[wasm_bindgen(catch)]
    pub async fn fetch(address: &str) -> Result<Answer, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub async fn json(this: &Answer) -> Result<JsValue, JsValue>;
}
