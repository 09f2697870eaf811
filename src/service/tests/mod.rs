//! The service's rules in virtual time: each test holds the whole expected log.

mod asynchronous;
mod batches;
mod doors;
mod driver;
mod filters;
mod recursion;
mod retention;
mod scaling;
mod simulation;
mod synchronous;
