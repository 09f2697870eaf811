//! Ctrl+C and the signals that ask a program to end: they become a `Shutdown` command.

use crate::channel::CommandSender;
use crate::command::Command;

/// Ends the executor when the program is asked to end. A thread that cannot be started leaves the system's own way,
/// which ends the program at once; its processes are ended by the guard.
pub fn end_on_signal(commands: CommandSender) {
    let listen = move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(asked_to_end());
        // Full or closed: the executor is far behind or gone; a second Ctrl+C ends the program.
        let _ = commands.send(Command::Shutdown);
        runtime.block_on(asked_to_end());
        std::process::exit(130);
    };
    // See above for what happens without it.
    let _ = std::thread::Builder::new().name("signals".into()).spawn(listen);
}

#[cfg(unix)]
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut hang_up)) = (signal(SignalKind::terminate()), signal(SignalKind::hangup())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
    }
}

#[cfg(not(unix))]
async fn asked_to_end() {
    // A console that cannot be listened to never asks.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
