//! Writes JavaScript values by serde: plain objects and arrays, and `null` for what is not there.
//!
//! As in reading, nothing is said about a value that does not fit: such messages would bring half of
//! `core::fmt` into what a Gmail tab loads.

use js_sys::{Array, Number, Object, Reflect};
use serde::Serialize;
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use std::fmt::Display;
use wasm_bindgen::JsValue;

/// A value that JavaScript has no place for: a number beyond 2⁵³, or a key that is no string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a value that JavaScript has no place for")]
pub(super) struct Unwritable;

impl serde::ser::Error for Unwritable {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

type Written = Result<JsValue, Unwritable>;

/// Makes values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Writer;

/// A list under way, and the variant that it belongs to.
#[derive(Debug)]
pub(super) struct List {
    items: Array,
    variant: Option<&'static str>,
}

/// An object under way, and the variant that it belongs to.
#[derive(Debug)]
pub(super) struct Fields {
    object: Object,
    variant: Option<&'static str>,
    key: JsValue,
}

fn list(variant: Option<&'static str>) -> List {
    List {
        items: Array::new(),
        variant,
    }
}

fn fields(variant: Option<&'static str>) -> Fields {
    Fields {
        object: Object::new(),
        variant,
        key: JsValue::UNDEFINED,
    }
}

/// `value` as that of `variant`, if it is one's.
fn finished(value: JsValue, variant: Option<&'static str>) -> Written {
    let Some(variant) = variant else {
        return Ok(value);
    };
    let object = Object::new();
    set(&object, &variant.into(), &value)?;
    Ok(object.into())
}

fn set(object: &Object, key: &JsValue, value: &JsValue) -> Result<(), Unwritable> {
    Reflect::set(object, key, value).map_err(|_| Unwritable)?;
    Ok(())
}

impl List {
    fn add<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Unwritable> {
        self.items.push(&item.serialize(Writer)?);
        Ok(())
    }

    fn finish(self) -> Written {
        finished(self.items.into(), self.variant)
    }
}

impl Fields {
    fn add<T: Serialize + ?Sized>(&self, name: &str, value: &T) -> Result<(), Unwritable> {
        set(&self.object, &name.into(), &value.serialize(Writer)?)
    }

    fn finish(self) -> Written {
        finished(self.object.into(), self.variant)
    }
}

impl Serializer for Writer {
    type Ok = JsValue;
    type Error = Unwritable;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = List;
    type SerializeMap = Fields;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Fields;

    fn serialize_bool(self, value: bool) -> Written {
        Ok(value.into())
    }

    fn serialize_i8(self, value: i8) -> Written {
        Ok(value.into())
    }

    fn serialize_i16(self, value: i16) -> Written {
        Ok(value.into())
    }

    fn serialize_i32(self, value: i32) -> Written {
        Ok(value.into())
    }

    fn serialize_i64(self, value: i64) -> Written {
        #[expect(clippy::cast_precision_loss, reason = "what would lose any is refused")]
        let number = value as f64;
        if number.abs() > Number::MAX_SAFE_INTEGER {
            return Err(Unwritable);
        }
        Ok(number.into())
    }

    fn serialize_u8(self, value: u8) -> Written {
        Ok(value.into())
    }

    fn serialize_u16(self, value: u16) -> Written {
        Ok(value.into())
    }

    fn serialize_u32(self, value: u32) -> Written {
        Ok(value.into())
    }

    fn serialize_u64(self, value: u64) -> Written {
        i64::try_from(value).map_or(Err(Unwritable), |value| self.serialize_i64(value))
    }

    fn serialize_f32(self, value: f32) -> Written {
        Ok(value.into())
    }

    fn serialize_f64(self, value: f64) -> Written {
        Ok(value.into())
    }

    fn serialize_char(self, value: char) -> Written {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Written {
        Ok(value.into())
    }

    fn serialize_bytes(self, value: &[u8]) -> Written {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Written {
        Ok(JsValue::NULL)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        Ok(JsValue::NULL)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        Ok(JsValue::NULL)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        finished(value.serialize(self)?, Some(variant))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List, Unwritable> {
        Ok(list(None))
    }

    fn serialize_tuple(self, _: usize) -> Result<List, Unwritable> {
        Ok(list(None))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List, Unwritable> {
        Ok(list(None))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<List, Unwritable> {
        Ok(list(Some(variant)))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields, Unwritable> {
        Ok(fields(None))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields, Unwritable> {
        Ok(fields(None))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields, Unwritable> {
        Ok(fields(Some(variant)))
    }
}

/// Lists, by whichever name serde calls what is in them.
macro_rules! lists {
    ($($kind:ident $add:ident),+) => {
        $(impl $kind for List {
            type Ok = JsValue;
            type Error = Unwritable;

            fn $add<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Unwritable> {
                self.add(item)
            }

            fn end(self) -> Written {
                self.finish()
            }
        })+
    };
}

lists!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

/// Objects whose fields are named in the source.
macro_rules! objects {
    ($($kind:ident),+) => {
        $(impl $kind for Fields {
            type Ok = JsValue;
            type Error = Unwritable;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Unwritable> {
                self.add(name, value)
            }

            fn end(self) -> Written {
                self.finish()
            }
        })+
    };
}

objects!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Fields {
    type Ok = JsValue;
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritable> {
        self.key = key.serialize(Writer)?;
        if self.key.is_string() {
            Ok(())
        } else {
            Err(Unwritable)
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        set(&self.object, &self.key, &value.serialize(Writer)?)
    }

    fn end(self) -> Written {
        self.finish()
    }
}
