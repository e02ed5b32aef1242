//! Scalars as the protobuf JSON mapping spells them.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::str::FromStr;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// Text, borrowed from the input unless it holds an escape.
#[derive(Debug, Default)]
pub(super) struct Text<'a>(Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_unit<E: Error>(self) -> Result<Text<'de>, E> {
                Ok(Text::default())
            }
        }

        from.deserialize_any(TextVisitor)
    }
}

/// An integer: a number, or a string that holds one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Int<T>(pub(super) T);

impl<'de, T> Deserialize<'de> for Int<T>
where
    T: Default + TryFrom<u64> + TryFrom<i64> + FromStr,
{
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct IntVisitor<T>(PhantomData<T>);

        impl<T> Visitor<'_> for IntVisitor<T>
        where
            T: Default + TryFrom<u64> + TryFrom<i64> + FromStr,
        {
            type Value = Int<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an integer of {} bits, as a number or a string", 8 * size_of::<T>())
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Int<T>, E> {
                T::try_from(number)
                    .map(Int)
                    .map_err(|_| E::invalid_value(serde::de::Unexpected::Unsigned(number), &self))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Int<T>, E> {
                T::try_from(number).map(Int).map_err(|_| E::invalid_value(serde::de::Unexpected::Signed(number), &self))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Int<T>, E> {
                text.parse().map(Int).map_err(|_| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }

            fn visit_unit<E: Error>(self) -> Result<Int<T>, E> {
                Ok(Int::default())
            }
        }

        from.deserialize_any(IntVisitor(PhantomData))
    }
}

/// A double: a number, or a string that holds one, or `NaN`, `Infinity`, `-Infinity`.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::capture) struct Real(pub(in crate::capture) f64);

impl<'de> Deserialize<'de> for Real {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct RealVisitor;

        impl Visitor<'_> for RealVisitor {
            type Value = Real;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, as such or as a string, or \"NaN\", \"Infinity\" or \"-Infinity\"")
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Real, E> {
                Ok(Real(number))
            }

            #[expect(clippy::cast_precision_loss, reason = "the field is a double, whatever its literal looks like")]
            fn visit_u64<E: Error>(self, number: u64) -> Result<Real, E> {
                Ok(Real(number as f64))
            }

            #[expect(clippy::cast_precision_loss, reason = "the field is a double, whatever its literal looks like")]
            fn visit_i64<E: Error>(self, number: i64) -> Result<Real, E> {
                Ok(Real(number as f64))
            }

            // Rust reads `NaN`, `Infinity` and `-Infinity` as protobuf spells them.
            fn visit_str<E: Error>(self, text: &str) -> Result<Real, E> {
                text.parse().map(Real).map_err(|_| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }

            fn visit_unit<E: Error>(self) -> Result<Real, E> {
                Ok(Real::default())
            }
        }

        from.deserialize_any(RealVisitor)
    }
}

/// An id in hexadecimal; all zeros if it is empty or absent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Id<const N: usize>(pub(super) [u8; N]);

impl<const N: usize> Id<N> {
    /// The id, unless it is all zeros, which is how some SDKs say that there is none.
    pub(super) fn present(self) -> Option<[u8; N]> {
        (self.0 != [0; N]).then_some(self.0)
    }
}

impl<const N: usize> Default for Id<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

impl<'de, const N: usize> Deserialize<'de> for Id<N> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct IdVisitor<const N: usize>;

        impl<const N: usize> Visitor<'_> for IdVisitor<N> {
            type Value = Id<N>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} hexadecimal digits", 2 * N)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Id<N>, E> {
                if text.is_empty() {
                    return Ok(Id::default());
                }
                crate::capture::span::unhex(text)
                    .map(Id)
                    .ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }

            fn visit_unit<E: Error>(self) -> Result<Id<N>, E> {
                Ok(Id::default())
            }
        }

        from.deserialize_any(IdVisitor)
    }
}

/// Bytes in base64: either alphabet, padded or not, as the protobuf JSON mapping allows.
#[derive(Debug, Default)]
pub(super) struct Base64(pub(super) Vec<u8>);

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(from)?;
        STANDARD.decode(&*text).or_else(|_| URL_SAFE.decode(&*text)).map(Self).map_err(D::Error::custom)
    }
}

/// An enum of OTLP: its number, or its name.
pub(super) struct Enum<E>(pub(super) i32, PhantomData<E>);

impl<E> Default for Enum<E> {
    fn default() -> Self {
        Self(0, PhantomData)
    }
}

/// An enum whose values have names.
pub(super) trait Named {
    /// The number of the value of that name.
    fn number(name: &str) -> Option<i32>;
}

macro_rules! named {
    ($($name:ty),* $(,)?) => {$(
        impl Named for $name {
            fn number(name: &str) -> Option<i32> {
                <$name>::from_str_name(name).map(i32::from)
            }
        }
    )*};
}

named!(
    opentelemetry_proto::tonic::trace::v1::span::SpanKind,
    opentelemetry_proto::tonic::trace::v1::status::StatusCode,
    opentelemetry_proto::tonic::metrics::v1::AggregationTemporality,
    opentelemetry_proto::tonic::logs::v1::SeverityNumber,
);

impl<'de, E: Named> Deserialize<'de> for Enum<E> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct EnumVisitor<E>(PhantomData<E>);

        impl<E: Named> Visitor<'_> for EnumVisitor<E> {
            type Value = Enum<E>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the number or the name of an enum value")
            }

            fn visit_u64<F: Error>(self, number: u64) -> Result<Enum<E>, F> {
                let number = i32::try_from(number).map_err(F::custom)?;
                Ok(Enum(number, PhantomData))
            }

            fn visit_i64<F: Error>(self, number: i64) -> Result<Enum<E>, F> {
                let number = i32::try_from(number).map_err(F::custom)?;
                Ok(Enum(number, PhantomData))
            }

            fn visit_str<F: Error>(self, text: &str) -> Result<Enum<E>, F> {
                E::number(text)
                    .or_else(|| text.parse().ok())
                    .map(|number| Enum(number, PhantomData))
                    .ok_or_else(|| F::invalid_value(serde::de::Unexpected::Str(text), &self))
            }

            fn visit_unit<F: Error>(self) -> Result<Enum<E>, F> {
                Ok(Enum::default())
            }
        }

        from.deserialize_any(EnumVisitor(PhantomData))
    }
}

/// A repeated field; `null` is an empty one.
pub(super) struct List<T>(Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Option::<Vec<T>>::deserialize(from).map(|items| Self(items.unwrap_or_default()))
    }
}
