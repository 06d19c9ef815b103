//! Reads fields of JavaScript objects. The player reads a few fields of each answer, which takes less code than serde.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// A field; `undefined` where the object has none.
pub(super) fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// A text field.
pub(super) fn text(object: &JsValue, name: &str) -> Option<String> {
    field(object, name).as_string()
}

/// A field that is a count.
pub(super) fn number(object: &JsValue, name: &str) -> Option<u64> {
    let value = field(object, name).as_f64()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and the server's numbers are small"
    )]
    (value >= 0.0).then_some(value as u64)
}

/// A count that fits 32 bits; 0 where there is none.
pub(super) fn small(object: &JsValue, name: &str) -> u32 {
    number(object, name).and_then(|n| u32::try_from(n).ok()).unwrap_or_default()
}
