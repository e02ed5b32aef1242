//! What a run reports while it goes on.

use std::time::Duration;

use crate::stack::StackKind;

/// One step of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The service is being built with this command.
    Building {
        /// The command.
        command: String,
    },
    /// The stack of this run is being started.
    Starting {
        /// The run's id, which labels what it makes in a container engine.
        run: String,
        /// What the stack is made of.
        kind: StackKind,
    },
    /// An image is not in the container engine and is being pulled, which may take minutes.
    Pulling {
        /// The image.
        image: String,
    },
    /// The stack is up.
    StackUp {
        /// How long that took.
        took: Duration,
        /// Name and URL of each address.
        addresses: Vec<(String, String)>,
    },
    /// The service is ready.
    ServiceUp {
        /// Its URL.
        url: String,
        /// How long that took.
        took: Duration,
    },
    /// A scenario begins.
    Scenario {
        /// Its name.
        name: String,
        /// Its position, from 0.
        at: usize,
        /// How many there are.
        of: usize,
    },
    /// One step of a trial of alerts.
    Trial {
        /// The alert, or what else is tried.
        what: String,
    },
    /// All scenarios were driven; the service is asked to stop and to flush.
    Stopping,
    /// The capture is complete and is being judged.
    Judging,
}
