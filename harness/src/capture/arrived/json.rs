//! Doubles in JSON, which has none for `NaN` and the infinities.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::capture::otlp::json::{ReadReal, WriteReal};

/// For `#[serde(with = "json::real")]`.
pub(super) mod real {
    use super::{Deserialize, Deserializer, ReadReal, Serialize, Serializer, WriteReal};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
    pub(in super::super) fn serialize<S: Serializer>(number: &f64, to: S) -> Result<S::Ok, S::Error> {
        WriteReal(*number).serialize(to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        ReadReal::deserialize(from).map(|number| number.0)
    }
}
