//! The Lambda Runtime API (semantics 2.1): one loopback listener an environment, because official clients take a host and
//! a port and no path.

mod answers;
mod body;
mod function_error;
mod server;
mod state;
#[cfg(test)]
mod tests;

pub use server::serve;
pub use state::{Hooks, RuntimeApi};
