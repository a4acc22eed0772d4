use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["chrome", "windows"], js_name = update, catch)]
    pub async fn update(id: i32, changes: &JsValue) -> Result<JsValue, JsValue>;
}
