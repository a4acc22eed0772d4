use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["chrome", "declarativeNetRequest"], js_name = getDynamicRules, catch)]
    pub async fn get_dynamic_rules() -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["chrome", "declarativeNetRequest"], js_name = updateDynamicRules, catch)]
    pub async fn update_dynamic_rules(options: &JsValue) -> Result<JsValue, JsValue>;
}
