//! What is around a service, without the service.

use crate::config::Config;
use crate::scenario::Variables;
use crate::stack::{Down, Stack};

use super::live::{canaries_and_addresses, environment, new_run, order};
use super::{Choices, RunError};

/// A stack that is up, for a program that is not the service but needs what it needs.
pub struct Around {
    stack: Stack,
    env: Vec<(String, String)>,
}

impl Around {
    /// Starts the stack of the configuration; builds and starts no service.
    ///
    /// # Errors
    /// If the stack does not start, or a placeholder in `service.env` is wrong.
    pub async fn up(config: &Config, choices: &Choices<'_>) -> Result<Self, RunError> {
        let run = new_run(config);
        let order = order(config, choices, &run, &|_| ());
        Stack::preflight(&order).await?;
        let stack = Stack::start(&order).await?;
        let mut variables = Variables::default();
        canaries_and_addresses(&mut variables, &stack, &run);
        let env = environment(config, &variables, &run)?;
        Ok(Self { stack, env })
    }

    /// The environment of the service, placeholders filled.
    pub fn env(&self) -> &[(String, String)] {
        &self.env
    }

    /// Stops the stack; says what there still is of it.
    pub async fn down(self) -> Down {
        self.stack.down().await
    }
}
