//! An engine that dies in the middle of a run: told as such, with the command that removes what is left.

use std::io;
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use crate::Test;
use crate::endings::up;
use crate::fixture::Fixture;
use crate::leftovers;
use crate::verify::otelgate;

pub(crate) const TESTS: &[Test] = &[(
    "dying_engine::is_exit_code_3_and_says_how_to_remove_what_is_left",
    is_exit_code_3_and_says_how_to_remove_what_is_left,
)];

/// A way to the engine that can be cut.
struct Way {
    folder: tempfile::TempDir,
    /// What is open; nothing any more once it is cut, also for a connection that is just being made.
    open: Arc<Mutex<Option<Vec<UnixStream>>>>,
}

impl Way {
    fn to(engine: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("engine.sock")).unwrap();
        let open = Arc::new(Mutex::new(Some(Vec::new())));
        let (engine, connections) = (engine.to_owned(), Arc::clone(&open));
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let far = UnixStream::connect(&engine).unwrap();
                let Some(connections) = &mut *connections.lock().unwrap() else { return };
                connections.extend([near.try_clone().unwrap(), far.try_clone().unwrap()]);
                for (mut from, mut to) in [(near.try_clone().unwrap(), far.try_clone().unwrap()), (far, near)] {
                    std::thread::spawn(move || {
                        // An end that goes takes the other with it, as a program's exit does.
                        let _ = io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Write);
                    });
                }
            }
        });
        Self { folder, open }
    }

    fn address(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("engine.sock")
    }

    fn cut(&self) {
        std::fs::remove_file(self.socket()).unwrap();
        for connection in self.open.lock().unwrap().take().into_iter().flatten() {
            // One that has ended already is as good as cut.
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

fn is_exit_code_3_and_says_how_to_remove_what_is_left(fixture: &Fixture) {
    let Some(socket) = fixture.engine().address().strip_prefix("unix://").map(PathBuf::from) else {
        println!("the engine is not at a socket of this machine: there is no way to it that could be cut");
        return;
    };
    let way = Way::to(&socket);
    let (mut child, run, mut lines) = up(otelgate(&["up"]).env("DOCKER_HOST", way.address()));
    assert!(lines.any(|line| line.starts_with("service up")), "the service never was up");

    way.cut();

    let told: Vec<String> = lines.collect();
    let code = child.wait().unwrap().code();
    let text = told.join("\n");
    let remove = told.iter().find(|line| line.trim().starts_with("docker rm"));
    let removed = remove.map(|remove| Command::new("sh").args(["-c", remove]).stdout(Stdio::null()).status().unwrap());
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("the container engine does not answer any more"), "{text}");
    assert!(removed.is_some_and(|status| status.success()), "{text}");
    leftovers::assert_none(fixture, &run);
}
