//! The engine, the configuration of the reference service, and one stack that all tests share that only look.

use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use otelgate_harness::config::{self, BackEndsConfig, Config, ExternalConfig, Piece};
use otelgate_harness::lifeline::Lifeline;
use otelgate_harness::stack::containers::Engine;
use otelgate_harness::stack::{Order, Stack, StackError, StackKind};
use testcontainers::bollard::Docker;
use tokio::runtime::Runtime;

/// The id of the shared stack's run, told apart from others by the process.
fn shared_run() -> String {
    format!("test{}shared", std::process::id())
}

/// Whether tests that cannot run are to fail.
pub(crate) fn required() -> bool {
    std::env::var("OTELGATE_REQUIRE").is_ok_and(|required| required.split(',').any(|what| what.trim() == "containers"))
}

/// Looks up a variable of the environment of the tests.
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A stack that is up, and how long that took.
pub(crate) struct Shared {
    pub(crate) run: String,
    pub(crate) stack: Stack,
    pub(crate) took: Duration,
}

/// What tests start from.
pub(crate) struct Fixture {
    pub(crate) runtime: Runtime,
    pub(crate) config: Config,
    /// Removes what is left if the tests are killed.
    lifeline: Mutex<Option<Lifeline>>,
    engine: OnceLock<Result<Engine, String>>,
    shared: Mutex<Option<Shared>>,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let mut reaper = Command::new(env!("CARGO_BIN_EXE_otelgate"));
        reaper.arg("reaper");
        Self {
            runtime: Runtime::new().unwrap(),
            config: config::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("otelgate.yaml")).unwrap(),
            lifeline: Mutex::new(Some(Lifeline::start(reaper).unwrap())),
            engine: OnceLock::new(),
            shared: Mutex::new(None),
        }
    }

    /// Why no container can be had, if none can.
    pub(crate) fn unavailable(&self) -> Option<String> {
        self.connected().as_ref().err().cloned()
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.connected().as_ref().unwrap()
    }

    fn connected(&self) -> &Result<Engine, String> {
        self.engine.get_or_init(|| {
            let connected = self.runtime.block_on(Engine::connect(&environment));
            // The first line says it; what to do is for those who asked for containers.
            connected.map_err(|absent| absent.to_string().lines().next().unwrap_or_default().to_owned())
        })
    }

    pub(crate) fn docker(&self) -> Docker {
        self.runtime.block_on(testcontainers::core::client::docker_client_instance()).unwrap()
    }

    /// The stack for tests that only look; started by the first of them.
    pub(crate) fn shared(&self) -> impl std::ops::Deref<Target = Shared> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.is_none() {
            let run = shared_run();
            let began = Instant::now();
            let stack =
                self.start(&run, &self.config.back_ends, &environment).unwrap_or_else(|error| panic!("{error}"));
            *shared = Some(Shared { run, stack, took: began.elapsed() });
        }
        Held(shared)
    }

    /// Starts the servers behind these stand-ins alone, and those that are in `back_ends`.
    pub(crate) fn start_some(&self, run: &str, pieces: &[Piece], back_ends: &BackEndsConfig) -> Stack {
        let lifeline = self.lifeline.lock().unwrap().clone().unwrap_or_default();
        let external = ExternalConfig::default();
        let order = self.order(run, &external, &lifeline);
        let order = Order { kind: StackKind::Containers, pieces, back_ends, ..order };
        self.runtime.block_on(Stack::start(&order)).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Starts a stack of containers.
    pub(crate) fn start(
        &self,
        run: &str,
        back_ends: &BackEndsConfig,
        environment: &(dyn Fn(&str) -> Option<String> + Sync),
    ) -> Result<Stack, StackError> {
        let lifeline = self.lifeline.lock().unwrap().clone().unwrap_or_default();
        let external = ExternalConfig::default();
        let order =
            Order { kind: StackKind::Containers, back_ends, environment, ..self.order(run, &external, &lifeline) };
        self.runtime.block_on(Stack::start(&order))
    }

    /// Finds servers of somebody else.
    pub(crate) fn find(&self, external: &ExternalConfig) -> Result<Stack, StackError> {
        let lifeline = Lifeline::none();
        self.runtime
            .block_on(Stack::start(&Order { kind: StackKind::External, ..self.order("external", external, &lifeline) }))
    }

    fn order<'o>(&'o self, run: &'o str, external: &'o ExternalConfig, lifeline: &'o Lifeline) -> Order<'o> {
        Order {
            kind: StackKind::Embedded,
            run,
            pieces: &self.config.stack,
            answer_canary: None,
            back_ends: &self.config.back_ends,
            external,
            keep: false,
            exchanges: true,
            receiver_on: None,
            time_factor: 1,
            environment: &environment,
            lifeline,
            pulling: &|_| {},
        }
    }

    /// Ends what the tests shared.
    pub(crate) fn close(&self) {
        if let Some(shared) = self.shared.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let down = self.runtime.block_on(shared.stack.down());
            assert!(down.left.is_none(), "{down:?}");
        }
        drop(self.lifeline.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// The shared stack, while a test looks at it.
struct Held<'f>(MutexGuard<'f, Option<Shared>>);

impl std::ops::Deref for Held<'_> {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        self.0.as_ref().unwrap()
    }
}
