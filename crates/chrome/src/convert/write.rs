//! Writes messages by serde. It knows no more than messages need, so that a Gmail tab, which writes
//! nothing else, is spared the two and a half kilobytes more that a writer of everything weighs.

use super::read::Mismatch;
use js_sys::{Array, Object, Reflect};
use serde::ser::{
    Impossible, Serialize, SerializeSeq, SerializeStruct, SerializeTuple, Serializer,
};
use wasm_bindgen::JsValue;

/// Makes plain objects and arrays.
pub(super) struct Writer;

type Never = Impossible<JsValue, Mismatch>;

/// The largest number up to which each whole number is one of JavaScript's own.
const SAFE: u64 = 1 << 53;

impl Serializer for Writer {
    type Ok = JsValue;
    type Error = Mismatch;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Never;

    fn serialize_bool(self, value: bool) -> Result<JsValue, Mismatch> {
        Ok(value.into())
    }

    fn serialize_i8(self, value: i8) -> Result<JsValue, Mismatch> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<JsValue, Mismatch> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<JsValue, Mismatch> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<JsValue, Mismatch> {
        #[expect(clippy::cast_precision_loss, reason = "it is small enough")]
        let number = (value.unsigned_abs() <= SAFE).then_some(value as f64);
        number.map(JsValue::from_f64).ok_or(Mismatch)
    }

    fn serialize_u8(self, value: u8) -> Result<JsValue, Mismatch> {
        self.serialize_i64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<JsValue, Mismatch> {
        self.serialize_i64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<JsValue, Mismatch> {
        self.serialize_i64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<JsValue, Mismatch> {
        self.serialize_i64(i64::try_from(value).map_err(|_| Mismatch)?)
    }

    fn serialize_f32(self, value: f32) -> Result<JsValue, Mismatch> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<JsValue, Mismatch> {
        Ok(value.into())
    }

    fn serialize_char(self, value: char) -> Result<JsValue, Mismatch> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<JsValue, Mismatch> {
        Ok(JsValue::from_str(value))
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<JsValue, Mismatch> {
        Err(Mismatch)
    }

    fn serialize_none(self) -> Result<JsValue, Mismatch> {
        Ok(JsValue::NULL)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<JsValue, Mismatch> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<JsValue, Mismatch> {
        Ok(JsValue::NULL)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<JsValue, Mismatch> {
        Ok(JsValue::NULL)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
    ) -> Result<JsValue, Mismatch> {
        self.serialize_str(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<JsValue, Mismatch> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<JsValue, Mismatch> {
        let mut fields = Fields(Object::new());
        fields.serialize_field(name, value)?;
        fields.end()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List, Mismatch> {
        Ok(List(Array::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<List, Mismatch> {
        Ok(List(Array::new()))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Never, Mismatch> {
        Err(Mismatch)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Never, Mismatch> {
        Err(Mismatch)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Never, Mismatch> {
        Err(Mismatch)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields, Mismatch> {
        Ok(Fields(Object::new()))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Never, Mismatch> {
        Err(Mismatch)
    }
}

/// A list that is being written.
pub(super) struct List(Array);

impl SerializeSeq for List {
    type Ok = JsValue;
    type Error = Mismatch;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
        self.0.push(&value.serialize(Writer)?);
        Ok(())
    }

    fn end(self) -> Result<JsValue, Mismatch> {
        Ok(self.0.into())
    }
}

impl SerializeTuple for List {
    type Ok = JsValue;
    type Error = Mismatch;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<JsValue, Mismatch> {
        SerializeSeq::end(self)
    }
}

/// An object that is being written.
pub(super) struct Fields(Object);

impl SerializeStruct for Fields {
    type Ok = JsValue;
    type Error = Mismatch;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Mismatch> {
        set(&self.0, name, &value.serialize(Writer)?);
        Ok(())
    }

    fn end(self) -> Result<JsValue, Mismatch> {
        Ok(self.0.into())
    }
}

/// Once for all types that are written.
#[inline(never)]
fn set(object: &Object, name: &str, value: &JsValue) {
    // A new object takes every field.
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}
