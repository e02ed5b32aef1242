//! The price list.

/// US dollars for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    /// Prompt, or text to embed.
    pub prompt: f64,
    /// Answer; 0 for embedding models.
    pub completion: f64,
}

/// OpenAI's list prices of the standard tier. Longer names first: a model is found by the longest name it starts with,
/// so that dated versions (`gpt-4o-mini-2024-07-18`) have their model's price.
const PRICES: [(&str, Price); 14] = [
    ("text-embedding-3-large", Price { prompt: 0.13, completion: 0.0 }),
    ("text-embedding-3-small", Price { prompt: 0.02, completion: 0.0 }),
    ("text-embedding-ada-002", Price { prompt: 0.10, completion: 0.0 }),
    ("gpt-4.1-mini", Price { prompt: 0.40, completion: 1.60 }),
    ("gpt-4.1-nano", Price { prompt: 0.10, completion: 0.40 }),
    ("gpt-4o-mini", Price { prompt: 0.15, completion: 0.60 }),
    ("gpt-5-mini", Price { prompt: 0.25, completion: 2.00 }),
    ("gpt-5-nano", Price { prompt: 0.05, completion: 0.40 }),
    ("gpt-4.1", Price { prompt: 2.00, completion: 8.00 }),
    ("o4-mini", Price { prompt: 1.10, completion: 4.40 }),
    ("o3-mini", Price { prompt: 1.10, completion: 4.40 }),
    ("gpt-4o", Price { prompt: 2.50, completion: 10.00 }),
    ("gpt-5", Price { prompt: 1.25, completion: 10.00 }),
    ("o3", Price { prompt: 2.00, completion: 8.00 }),
];

/// The price of a model; `None` for one that is not on the list.
#[must_use]
pub fn price(model: &str) -> Option<Price> {
    let versions_of =
        |name: &str| model.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    PRICES.iter().find(|(name, _)| versions_of(name)).map(|(_, price)| *price)
}

impl Price {
    /// What some tokens cost, in US dollars.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
    pub fn cost(self, prompt_tokens: u64, completion_tokens: u64) -> f64 {
        (self.prompt * prompt_tokens as f64 + self.completion * completion_tokens as f64) / 1_000_000.0
    }
}

#[cfg(test)]
mod tests {
    use super::{PRICES, price};

    #[test]
    fn a_dated_version_has_the_price_of_its_model_and_not_of_a_shorter_name() {
        assert_eq!(price("gpt-4o-mini-2024-07-18"), price("gpt-4o-mini"));
        assert_ne!(price("gpt-4o-mini"), price("gpt-4o"));
    }

    #[test]
    fn an_unknown_model_has_no_price() {
        assert_eq!(price("llama-3.1-8b"), None);
        assert_eq!(price("gpt-4oh"), None);
    }

    #[test]
    fn every_model_on_the_list_is_found_by_its_own_name() {
        for (name, expected) in PRICES {
            assert_eq!(price(name), Some(expected), "{name}");
        }
    }

    #[test]
    fn the_cost_is_per_million_tokens() {
        let cost = price("gpt-4o-mini").unwrap().cost(2_000_000, 1_000_000);

        assert!((cost - 0.90).abs() < 1e-9, "{cost}");
    }
}
