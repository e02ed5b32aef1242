//! Vectors of text.

use super::documents::mix;

/// Numbers in a vector.
pub(super) const DIMENSIONS: usize = 128;

/// The vector of a text: each word is hashed into a few dimensions, and the sum has length 1.
pub(super) fn vector_of(text: &str) -> Vec<f32> {
    let mut vector = vec![0.0; DIMENSIONS];
    for word in text.split_whitespace() {
        let mut dice = word.bytes().fold(0, |hash, byte| mix(hash ^ u64::from(byte.to_ascii_lowercase())));
        for _ in 0..4 {
            dice = mix(dice);
            let sign = if dice & 1 == 0 { 1.0 } else { -1.0 };
            vector[usize::try_from(dice >> 32).unwrap_or(0) % DIMENSIONS] += sign;
        }
    }
    let length = dot(&vector, &vector).sqrt();
    if length > 0.0 {
        for number in &mut vector {
            *number /= length;
        }
    }
    vector
}

/// The cosine of the angle between two vectors of length 1.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
