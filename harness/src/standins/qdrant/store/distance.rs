//! Distances, with Qdrant's semantics.

use std::cmp::Ordering;

use qdrant_client::qdrant::Distance as Wire;

use super::Error;

/// How two vectors are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Distance {
    Cosine,
    Dot,
    Euclid,
    Manhattan,
}

impl Distance {
    /// Reads the enumeration value of a request.
    pub(super) fn read(value: i32) -> Result<Self, Error> {
        match Wire::try_from(value) {
            Ok(Wire::Cosine) => Ok(Self::Cosine),
            Ok(Wire::Dot) => Ok(Self::Dot),
            Ok(Wire::Euclid) => Ok(Self::Euclid),
            Ok(Wire::Manhattan) => Ok(Self::Manhattan),
            Ok(Wire::UnknownDistance) | Err(_) => {
                Err(Error::Malformed(format!("Malformed distance parameter, unexpected value: {value}")))
            }
        }
    }

    /// What Qdrant stores for a vector, and searches with: for cosine the vector of length one.
    pub(super) fn prepare(self, mut vector: Vec<f32>) -> Vec<f32> {
        if self == Self::Cosine {
            let squared: f32 = vector.iter().map(|x| x * x).sum();
            // Zero has no direction, and dividing an already normalised vector again would only add error.
            if squared > f32::EPSILON && (squared - 1.0).abs() > 1.0e-6 {
                let length = squared.sqrt();
                for x in &mut vector {
                    *x /= length;
                }
            }
        }
        vector
    }

    /// The score of two prepared vectors of equal length.
    pub(super) fn score(self, a: &[f32], b: &[f32]) -> f32 {
        match self {
            // Prepared vectors have length one, so the cosine is the dot product.
            Self::Cosine | Self::Dot => sum(a, b, |x, y| x * y),
            Self::Euclid => sum(a, b, |x, y| (x - y) * (x - y)).sqrt(),
            Self::Manhattan => sum(a, b, |x, y| (x - y).abs()),
        }
    }

    /// Best first: similarities descend, distances ascend.
    pub(super) fn order(self, a: f32, b: f32) -> Ordering {
        match self {
            Self::Cosine | Self::Dot => b.total_cmp(&a),
            Self::Euclid | Self::Manhattan => a.total_cmp(&b),
        }
    }

    /// Whether `score` is strictly better than `threshold`, as Qdrant asks.
    pub(super) fn passes(self, score: f32, threshold: f32) -> bool {
        match self {
            Self::Cosine | Self::Dot => score > threshold,
            Self::Euclid | Self::Manhattan => score < threshold,
        }
    }
}

/// Eight independent sums, which the compiler turns into vector instructions; one running sum it must keep in order.
fn sum(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    const LANES: usize = 8;
    let mut lanes = [0.0_f32; LANES];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(x, y)| term(*x, *y)).sum();
    for (a, b) in a.zip(b) {
        for lane in 0..LANES {
            lanes[lane] += term(a[lane], b[lane]);
        }
    }
    lanes.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_those_of_the_textbook() {
        let (a, b) = (vec![1.0, 2.0, 2.0], vec![2.0, 0.0, 0.0]);

        assert!((Distance::Dot.score(&a, &b) - 2.0).abs() < 1e-6);
        assert!((Distance::Euclid.score(&a, &b) - 3.0).abs() < 1e-6);
        assert!((Distance::Manhattan.score(&a, &b) - 5.0).abs() < 1e-6);
        let cosine = Distance::Cosine;
        assert!((cosine.score(&cosine.prepare(a), &cosine.prepare(b)) - 1.0 / 3.0).abs() < 1e-6);
    }

    #[test]
    fn long_vectors_are_summed_to_the_last_element() {
        let ones = vec![1.0; 19];

        assert!((Distance::Dot.score(&ones, &ones) - 19.0).abs() < 1e-6);
    }

    #[test]
    fn a_zero_vector_stays_zero_under_cosine() {
        assert_eq!(Distance::Cosine.prepare(vec![0.0, 0.0]), [0.0, 0.0]);
    }
}
