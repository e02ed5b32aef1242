//! JSON objects that leave out what has its default value.

use std::fmt::Display;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// A type of the capture that has a form in OTLP JSON. Not `Serialize` on the type itself: that would promise one JSON
/// form to all the world.
pub(super) trait ToJson {
    fn to_json<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error>;
}

impl<T: ToJson> ToJson for &T {
    fn to_json<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (*self).to_json(to)
    }
}

/// The value in its OTLP JSON form.
pub(super) struct Json<'a, T>(pub(super) &'a T);

impl<T: ToJson> Serialize for Json<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.to_json(to)
    }
}

/// A list made anew each time it is asked for.
pub(super) struct Seq<F>(pub(super) F);

impl<F, I> Serialize for Seq<F>
where
    F: Fn() -> I,
    I: Iterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq((self.0)())
    }
}

/// Writes a 64-bit integer, or an id, as a string.
pub(super) struct AsText<T>(pub(super) T);

impl<T: Display> Serialize for AsText<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

/// Writes a double; those that JSON cannot as strings.
pub(in crate::capture) struct Real(pub(in crate::capture) f64);

impl Serialize for Real {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            number if number.is_nan() => to.serialize_str("NaN"),
            f64::INFINITY => to.serialize_str("Infinity"),
            f64::NEG_INFINITY => to.serialize_str("-Infinity"),
            number => to.serialize_f64(number),
        }
    }
}

/// An object under construction.
pub(super) struct Object<M>(M);

impl<M: SerializeMap> Object<M> {
    pub(super) fn begin<S: Serializer<SerializeMap = M>>(to: S) -> Result<Self, S::Error> {
        to.serialize_map(None).map(Self)
    }

    pub(super) fn end(self) -> Result<M::Ok, M::Error> {
        self.0.end()
    }

    /// A field that is always written.
    pub(super) fn field(&mut self, key: &str, value: &impl Serialize) -> Result<(), M::Error> {
        self.0.serialize_entry(key, value)
    }

    /// Text, unless empty.
    pub(super) fn text(&mut self, key: &str, text: &str) -> Result<(), M::Error> {
        if text.is_empty() { Ok(()) } else { self.field(key, &text) }
    }

    /// A 32-bit integer, unless 0.
    pub(super) fn int(&mut self, key: &str, number: impl Into<i64>) -> Result<(), M::Error> {
        match number.into() {
            0 => Ok(()),
            number => self.field(key, &number),
        }
    }

    /// A 64-bit integer, unless 0.
    pub(super) fn long(&mut self, key: &str, number: u64) -> Result<(), M::Error> {
        if number == 0 { Ok(()) } else { self.field(key, &AsText(number)) }
    }

    /// A double, if there is one; 0 is written too, because "a sum of 0" and "no sum" differ.
    pub(super) fn real(&mut self, key: &str, number: Option<f64>) -> Result<(), M::Error> {
        number.map_or(Ok(()), |number| self.field(key, &Real(number)))
    }

    /// An id, if there is one.
    pub(super) fn id(&mut self, key: &str, id: Option<impl Display>) -> Result<(), M::Error> {
        id.map_or(Ok(()), |id| self.field(key, &AsText(id)))
    }

    /// A list, unless empty.
    pub(super) fn list<T: ToJson>(&mut self, key: &str, items: &[T]) -> Result<(), M::Error> {
        if items.is_empty() { Ok(()) } else { self.field(key, &Seq(|| items.iter().map(Json))) }
    }
}
