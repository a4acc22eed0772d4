use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["chrome", "runtime"], js_name = sendMessage, catch)]
    pub async fn send_message(message: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["chrome", "runtime"], js_name = getURL, catch)]
    pub fn get_url(path: &str) -> Result<String, JsValue>;

    pub type Runtime;

    #[wasm_bindgen(thread_local_v2, js_namespace = chrome, js_name = runtime)]
    pub static RUNTIME: Option<Runtime>;

    #[wasm_bindgen(method, getter)]
    pub fn id(this: &Runtime) -> Option<String>;
}
