//! Serde values to JSON values, without the silent losses of the usual way.
//!
//! `serde_json::to_value` writes NaN and infinity as `null`; a record that turns a number into
//! nothing would be a lie, so every floating-point number is refused here.

use serde::Serialize;
use serde::ser::{
    Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::{Map, Value};

use crate::jcs::{JcsError, MAX_DEPTH, MAX_INTEGER};

pub(crate) fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, JcsError> {
    value.serialize(Level(0))
}

impl serde::ser::Error for JcsError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self::Unwritable(message.to_string())
    }
}

/// How many containers are open around the value to be written.
#[derive(Clone, Copy)]
struct Level(usize);

impl Level {
    fn deeper(self) -> Result<Self, JcsError> {
        if self.0 >= MAX_DEPTH { Err(JcsError::TooDeep) } else { Ok(Self(self.0 + 1)) }
    }
}

struct Items {
    items: Vec<Value>,
    /// Of an enum variant: its name, which becomes the only key of an object around the items.
    variant: Option<&'static str>,
    level: Level,
}

struct Members {
    members: Map<String, Value>,
    key: Option<String>,
    variant: Option<&'static str>,
    level: Level,
}

impl Items {
    fn push<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), JcsError> {
        self.items.push(item.serialize(self.level)?);
        Ok(())
    }

    fn close(self) -> Value {
        wrap(self.variant, Value::Array(self.items))
    }
}

impl Members {
    fn put<T: Serialize + ?Sized>(&mut self, key: String, member: &T) -> Result<(), JcsError> {
        let member = member.serialize(self.level)?;
        if self.members.contains_key(&key) {
            return Err(JcsError::custom(format_args!("the key `{key}` is given twice")));
        }
        self.members.insert(key, member);
        Ok(())
    }

    fn close(self) -> Value {
        wrap(self.variant, Value::Object(self.members))
    }
}

fn wrap(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        None => value,
        Some(name) => Value::Object(Map::from_iter([(name.to_owned(), value)])),
    }
}

fn integer(number: i128) -> Result<Value, JcsError> {
    if number.unsigned_abs() > u128::from(MAX_INTEGER) {
        return Err(JcsError::IntegerRange);
    }
    i64::try_from(number).map(Value::from).map_err(|_| JcsError::IntegerRange)
}

macro_rules! integers {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, number: $type) -> Result<Value, JcsError> {
            i128::try_from(number).map_err(|_| JcsError::IntegerRange).and_then(integer)
        })*
    };
}

impl Serializer for Level {
    type Ok = Value;
    type Error = JcsError;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Members;
    type SerializeStruct = Members;
    type SerializeStructVariant = Members;

    integers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128
    );

    fn serialize_bool(self, value: bool) -> Result<Value, JcsError> {
        Ok(Value::Bool(value))
    }

    fn serialize_f32(self, _: f32) -> Result<Value, JcsError> {
        Err(JcsError::Float)
    }

    fn serialize_f64(self, _: f64) -> Result<Value, JcsError> {
        Err(JcsError::Float)
    }

    fn serialize_char(self, value: char) -> Result<Value, JcsError> {
        Ok(Value::String(value.to_string()))
    }

    fn serialize_str(self, value: &str) -> Result<Value, JcsError> {
        Ok(Value::String(value.to_owned()))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Value, JcsError> {
        value.serialize(self)
    }

    fn serialize_none(self) -> Result<Value, JcsError> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, JcsError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, JcsError> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, JcsError> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value, JcsError> {
        Ok(Value::String(variant.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Value, JcsError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, JcsError> {
        Ok(wrap(Some(variant), value.serialize(self.deeper()?)?))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, JcsError> {
        Ok(Items { items: Vec::new(), variant: None, level: self.deeper()? })
    }

    fn serialize_tuple(self, _: usize) -> Result<Items, JcsError> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items, JcsError> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items, JcsError> {
        Ok(Items { items: Vec::new(), variant: Some(variant), level: self.deeper()?.deeper()? })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members, JcsError> {
        Ok(Members { members: Map::new(), key: None, variant: None, level: self.deeper()? })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members, JcsError> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members, JcsError> {
        let level = self.deeper()?.deeper()?;
        Ok(Members { members: Map::new(), key: None, variant: Some(variant), level })
    }
}

macro_rules! sequences {
    ($($kind:ident $method:ident),*) => {
        $(impl $kind for Items {
            type Ok = Value;
            type Error = JcsError;

            fn $method<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), JcsError> {
                self.push(item)
            }

            fn end(self) -> Result<Value, JcsError> {
                Ok(self.close())
            }
        })*
    };
}

sequences!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

macro_rules! structures {
    ($($kind:ident),*) => {
        $(impl $kind for Members {
            type Ok = Value;
            type Error = JcsError;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), JcsError> {
                self.put(key.to_owned(), value)
            }

            fn end(self) -> Result<Value, JcsError> {
                Ok(self.close())
            }
        })*
    };
}

structures!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Members {
    type Ok = Value;
    type Error = JcsError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), JcsError> {
        // As `serde_json` does: numbers and truth values serve as keys in their written form.
        let key = match key.serialize(Level(0))? {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(value) => value.to_string(),
            _ => return Err(JcsError::custom("a key must be text")),
        };
        self.key = Some(key);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), JcsError> {
        let key = self.key.take().ok_or_else(|| JcsError::custom("a value without key"))?;
        self.put(key, value)
    }

    fn end(self) -> Result<Value, JcsError> {
        Ok(self.close())
    }
}
