use js_sys::Array;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["crypto"], js_name = getRandomValues)]
    pub fn random(bytes: &mut [u8]);

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = importKey, catch)]
    pub async fn import_key(
        format: &str,
        key: &[u8],
        algorithm: &str,
        extractable: bool,
        uses: &Array,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = deriveKey, catch)]
    pub async fn derive_key(
        how: &JsValue,
        from: &JsValue,
        kind: &JsValue,
        extractable: bool,
        uses: &Array,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = encrypt, catch)]
    pub async fn encrypt(
        algorithm: &JsValue,
        key: &JsValue,
        text: &[u8],
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = decrypt, catch)]
    pub async fn decrypt(
        algorithm: &JsValue,
        key: &JsValue,
        text: &[u8],
    ) -> Result<JsValue, JsValue>;
}
