//! A program in a process group of its own. Dropping it ends the group and waits for the program.

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

use crate::lifeline::{Hold, Lifeline};

/// A program and everything it starts, as long as it stays in the group.
pub(super) struct Group {
    child: Child,
    id: Option<Pid>,
    lifeline: Lifeline,
}

impl Group {
    /// Starts the command in a group of its own, so that Ctrl-C reaches us alone and we end it in good order, children
    /// included; `lifeline` ends it should we be killed.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(super) fn spawn(command: &mut Command, lifeline: &Lifeline) -> std::io::Result<Self> {
        let child = command.process_group(0).kill_on_drop(true).spawn()?;
        let id = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
        if let Some(id) = id {
            lifeline.hold(&Hold::Group(id.as_raw()));
        }
        Ok(Self { child, id, lifeline: lifeline.clone() })
    }

    /// The program.
    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// The id of its process; `None` once it has ended.
    pub(super) fn process_id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Asks the program, not its children, to end.
    pub(super) fn terminate(&self) {
        if let Some(id) = self.id {
            // It may have ended this moment: then there is nobody to signal.
            let _ = nix::sys::signal::kill(id, Signal::SIGTERM);
        }
    }

    /// Ends all that is left of the group.
    pub(super) fn kill(&self) {
        if let Some(id) = self.id {
            // An empty group is what we want to find.
            let _ = killpg(id, Signal::SIGKILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
        if let (Some(_not_reaped), Some(id)) = (self.child.id(), self.id) {
            // Nobody survives SIGKILL, so this ends at once; without it a zombie would be left to whoever comes after us.
            let _ = nix::sys::wait::waitpid(id, None);
        }
        if let Some(id) = self.id {
            self.lifeline.release(&Hold::Group(id.as_raw()));
        }
    }
}
