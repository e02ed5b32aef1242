//! Protobuf's wire format (<https://protobuf.dev/programming-guides/encoding/>): what of it OTLP needs, appended to a
//! buffer. Lengths are computed before a message is written, so nothing is written twice.

/// A wire type.
pub(crate) const VARINT: u32 = 0;
pub(crate) const FIXED64: u32 = 1;
pub(crate) const BYTES: u32 = 2;
const FIXED32: u32 = 5;

/// A field number with its wire type, where that takes one byte.
#[expect(clippy::cast_possible_truncation, reason = "fields below 16 are what one byte can tell")]
pub(crate) const fn byte_tag(field: u32, wire_type: u32) -> u8 {
    assert!(field < 16, "a field number that takes two bytes");
    (field << 3 | wire_type) as u8
}

/// The bytes of a varint.
pub(crate) const fn varint_length(value: u64) -> usize {
    // 7 bits a byte; `| 1` because zero takes a byte as well.
    (70 - (value | 1).leading_zeros() as usize) / 7
}

/// The bytes of a field number with its wire type.
const fn tag_length(field: u32) -> usize {
    varint_length((field << 3) as u64)
}

/// The bytes of a field that holds `length` bytes.
pub(crate) const fn bytes_length(field: u32, length: usize) -> usize {
    tag_length(field) + varint_length(length as u64) + length
}

/// The bytes of a number; nothing for zero, which is what an absent one is read as.
pub(crate) const fn number_length(field: u32, value: u64) -> usize {
    if value == 0 { 0 } else { tag_length(field) + varint_length(value) }
}

/// The bytes of text; nothing for an empty one, which is what an absent one is read as.
pub(crate) const fn text_length(field: u32, text: &str) -> usize {
    if text.is_empty() { 0 } else { bytes_length(field, text.len()) }
}

#[expect(clippy::cast_possible_truncation, reason = "seven bits at a time are what is meant")]
pub(crate) fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn tag(out: &mut Vec<u8>, field: u32, wire_type: u32) {
    varint(out, u64::from(field << 3 | wire_type));
}

/// The head of a field whose `length` bytes the caller writes next.
pub(crate) fn head(out: &mut Vec<u8>, field: u32, length: usize) {
    tag(out, field, BYTES);
    varint(out, length as u64);
}

/// Bytes, empty ones too.
pub(crate) fn bytes(out: &mut Vec<u8>, field: u32, value: &[u8]) {
    head(out, field, value.len());
    out.extend_from_slice(value);
}

/// Text; an empty one is left out.
pub(crate) fn text(out: &mut Vec<u8>, field: u32, value: &str) {
    if !value.is_empty() {
        bytes(out, field, value.as_bytes());
    }
}

/// A number; zero is left out.
pub(crate) fn number(out: &mut Vec<u8>, field: u32, value: u64) {
    if value != 0 {
        varint_field(out, field, value);
    }
}

/// A number, zero too.
pub(crate) fn varint_field(out: &mut Vec<u8>, field: u32, value: u64) {
    tag(out, field, VARINT);
    varint(out, value);
}

/// Eight bytes, zeros too.
pub(crate) fn fixed64(out: &mut Vec<u8>, field: u32, value: u64) {
    tag(out, field, FIXED64);
    out.extend_from_slice(&value.to_le_bytes());
}

/// Four bytes, zeros too.
pub(crate) fn fixed32(out: &mut Vec<u8>, field: u32, value: u32) {
    tag(out, field, FIXED32);
    out.extend_from_slice(&value.to_le_bytes());
}

/// A few fields in a row, of `ROOM` bytes together at most, appended at once. To append them one by one is a check of the
/// buffer's room for each, and a span is made of many. Everything is inlined: what is known where it is called is then
/// computed by the compiler. More than there is room for panics.
pub(crate) struct Fields<const ROOM: usize> {
    bytes: [u8; ROOM],
    length: usize,
}

impl<const ROOM: usize> Fields<ROOM> {
    #[inline]
    pub(crate) fn new() -> Self {
        Self { bytes: [0; ROOM], length: 0 }
    }

    /// Bytes, of a length that is known where it is called.
    #[inline]
    pub(crate) fn bytes<const LENGTH: usize>(&mut self, field: u32, value: [u8; LENGTH]) {
        self.head(field, LENGTH);
        self.raw(value);
    }

    /// The head of a field whose `length` bytes come next.
    #[inline]
    pub(crate) fn head(&mut self, field: u32, length: usize) {
        self.tag(field, BYTES);
        self.varint(length as u64);
    }

    /// Eight bytes, zeros too.
    #[inline]
    pub(crate) fn fixed64(&mut self, field: u32, value: u64) {
        self.tag(field, FIXED64);
        self.raw(value.to_le_bytes());
    }

    /// Four bytes, zeros too.
    #[inline]
    pub(crate) fn fixed32(&mut self, field: u32, value: u32) {
        self.tag(field, FIXED32);
        self.raw(value.to_le_bytes());
    }

    /// A number, zero too.
    #[inline]
    pub(crate) fn varint_field(&mut self, field: u32, value: u64) {
        self.tag(field, VARINT);
        self.varint(value);
    }

    #[inline]
    pub(crate) fn append_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.bytes[..self.length]);
    }

    #[inline]
    fn tag(&mut self, field: u32, wire_type: u32) {
        self.varint(u64::from(field << 3 | wire_type));
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "seven bits at a time are what is meant")]
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.raw([value as u8 | 0x80]);
            value >>= 7;
        }
        self.raw([value as u8]);
    }

    #[inline]
    fn raw<const LENGTH: usize>(&mut self, value: [u8; LENGTH]) {
        self.bytes[self.length..self.length + LENGTH].copy_from_slice(&value);
        self.length += LENGTH;
    }
}

#[cfg(test)]
mod tests {
    use super::{varint, varint_length};

    #[test]
    fn a_varint_is_as_long_as_is_said() {
        for shift in 0..64 {
            for value in [1_u64 << shift, (1 << shift) - 1, u64::MAX >> shift] {
                let mut out = Vec::new();
                varint(&mut out, value);
                assert_eq!(out.len(), varint_length(value), "{value}");
            }
        }
    }
}
