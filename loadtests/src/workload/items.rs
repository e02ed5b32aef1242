//! The items of a workload: requests by number.

use bytes::Bytes;
use http::{HeaderMap, Method};
use otelgate_harness::scenario::Variables;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::{Kind, Workload};

/// What the choice among requests and their words depends on, beside an item's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub u64);

/// One request, ready to send but for its trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its number.
    pub number: u64,
    /// Which kind it is: an index into [`Workload::kinds`].
    pub kind: usize,
    /// Its method.
    pub method: Method,
    /// Its path, with a query if it has one.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body; empty for none.
    pub body: Bytes,
}

impl Workload {
    /// Which kind item `number` is.
    #[must_use]
    pub fn kind_of(&self, seed: Seed, number: u64) -> usize {
        self.pick(&mut dice(seed, number))
    }

    /// Item `number`.
    #[must_use]
    pub fn item(&self, seed: Seed, number: u64) -> Item {
        let mut dice = dice(seed, number);
        let kind = self.pick(&mut dice);
        self.kinds[kind].fill(kind, number, &self.variables(number, &mut dice))
    }

    /// The requests to send first.
    #[must_use]
    pub fn preparation(&self, seed: Seed) -> Vec<Item> {
        let fill =
            |(number, kind): (u64, &Kind)| kind.fill(0, number, &self.variables(number, &mut dice(seed, number)));
        (0..).zip(&self.prepare).map(fill).collect()
    }

    /// The kinds of [`preparation`](Self::preparation), in the same order.
    #[must_use]
    pub fn preparing(&self) -> &[Kind] {
        &self.prepare
    }

    fn pick(&self, dice: &mut SmallRng) -> usize {
        let mut point = dice.random_range(0..self.total_weight());
        let found = self.kinds.iter().position(|kind| match point.checked_sub(kind.weight) {
            None => true,
            Some(rest) => {
                point = rest;
                false
            }
        });
        found.unwrap_or(0)
    }

    fn variables(&self, number: u64, dice: &mut SmallRng) -> Variables {
        let mut variables = Variables::default();
        variables.set("item", number.to_string());
        for (name, words) in &self.vary {
            variables.set(format!("vary.{name}"), words[dice.random_range(0..words.len())].clone());
        }
        variables
    }
}

/// Numbers that depend on seed and item alone.
fn dice(seed: Seed, number: u64) -> SmallRng {
    SmallRng::seed_from_u64(seed.0.rotate_left(32) ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}
