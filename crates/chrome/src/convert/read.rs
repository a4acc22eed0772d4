//! Reads JavaScript values by serde, without saying what was wrong with one that does not fit.
//!
//! serde's messages about unexpected values bring the formatting of floating point numbers and half
//! of `core::fmt` with them: a sixth of what a Gmail tab would load, for texts that nobody reads.

use js_sys::{Array, Object, Reflect};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use std::fmt::Display;
use wasm_bindgen::{JsCast as _, JsValue};

/// A value that does not have the shape that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a value of another shape")]
pub(super) struct Mismatch;

impl serde::ser::Error for Mismatch {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

impl serde::de::Error for Mismatch {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }

    // Left to themselves, these make their message before they hand it on, and it stays in the module.

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

/// A value to read.
pub(super) struct Value(pub(super) JsValue);

impl Value {
    fn is_nothing(&self) -> bool {
        self.0.is_null() || self.0.is_undefined()
    }

    /// The number, where it is a whole one.
    fn whole(&self) -> Option<i64> {
        let number = self.0.as_f64()?;
        #[expect(clippy::cast_possible_truncation, reason = "compared with what it was")]
        let whole = number as i64;
        #[expect(clippy::cast_precision_loss, reason = "compared with what it was")]
        let is_whole = (whole as f64).to_bits() == number.to_bits();
        is_whole.then_some(whole)
    }

    fn object(self) -> Result<Object, Mismatch> {
        self.0.dyn_into().map_err(|_| Mismatch)
    }
}

impl IntoDeserializer<'_, Mismatch> for Value {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Value {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.is_nothing() {
            visitor.visit_unit()
        } else if let Some(text) = self.0.as_string() {
            visitor.visit_string(text)
        } else if let Some(whole) = self.whole() {
            visitor.visit_i64(whole)
        } else if let Some(number) = self.0.as_f64() {
            visitor.visit_f64(number)
        } else if let Some(flag) = self.0.as_bool() {
            visitor.visit_bool(flag)
        } else if Array::is_array(&self.0) {
            self.deserialize_seq(visitor)
        } else {
            self.deserialize_map(visitor)
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.is_nothing() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let array: Array = self.0.dyn_into().map_err(|_| Mismatch)?;
        visitor.visit_seq(serde::de::value::SeqDeserializer::new(
            array.iter().map(Value),
        ))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let entries = Object::entries(&self.object()?);
        let pairs = entries.iter().map(|entry| {
            let pair: Array = entry.unchecked_into();
            (Value(pair.get(0)), Value(pair.get(1)))
        });
        visitor.visit_map(serde::de::value::MapDeserializer::new(pairs))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_seq(Fields {
            object: self.object()?,
            names: fields.iter(),
        })
    }

    /// A variant is its name, or an object with its name as the only key.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        if self.0.is_string() {
            return visitor.visit_enum(Variant {
                name: self,
                content: Value(JsValue::UNDEFINED),
            });
        }
        let entries = Object::entries(&self.object()?);
        if entries.length() != 1 {
            return Err(Mismatch);
        }
        let pair: Array = entries.get(0).unchecked_into();
        visitor.visit_enum(Variant {
            name: Value(pair.get(0)),
            content: Value(pair.get(1)),
        })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    // Each of these is compiled once for every type that is read, so it tries no more than fits.

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_string(self.0.as_string().ok_or(Mismatch)?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_string(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_string(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_bool(self.0.as_bool().ok_or(Mismatch)?)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_i64(self.whole().ok_or(Mismatch)?)
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.is_nothing() {
            visitor.visit_unit()
        } else {
            Err(Mismatch)
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u8 u16 u128 f32 f64 char bytes byte_buf unit_struct tuple tuple_struct
    }
}

/// The fields of an object, in the order in which its type names them. The code that finds out which
/// field a key names, for each type that is read, would be a twentieth of what a Gmail tab loads.
struct Fields {
    object: Object,
    names: std::slice::Iter<'static, &'static str>,
}

impl<'de> SeqAccess<'de> for Fields {
    type Error = Mismatch;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Mismatch> {
        let Some(name) = self.names.next() else {
            return Ok(None);
        };
        let value = field(&self.object, name);
        let is_missing = value.is_undefined();
        match seed.deserialize(Value(value)) {
            // One that may be missing is nothing, or what its type says; of any other the type says that
            // it is missing.
            Err(Mismatch) if is_missing => Ok(None),
            read => read.map(Some),
        }
    }
}

/// Once for all types that are read.
#[inline(never)]
fn field(object: &Object, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default()
}

struct Variant {
    name: Value,
    content: Value,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Mismatch;
    type Variant = Value;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Value), Mismatch> {
        Ok((seed.deserialize(self.name)?, self.content))
    }
}

impl<'de> VariantAccess<'de> for Value {
    type Error = Mismatch;

    fn unit_variant(self) -> Result<(), Mismatch> {
        if self.is_nothing() {
            Ok(())
        } else {
            Err(Mismatch)
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Mismatch> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.deserialize_struct("", fields, visitor)
    }
}
