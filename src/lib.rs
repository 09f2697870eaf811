//! Invokelab runs people's AWS Lambda functions on their own machine and shows what the Lambda service does around them.
//!
//! # The one idea
//! The Lambda service is a pure state machine in virtual time ([`service`]). It has no clock, no thread and no socket:
//! whoever drives it decides what "now" is. So one and the same service serves the window, the HTTP endpoint, a headless
//! scenario and a seeded simulation, and pausing, stepping and fast-forward are nothing but the driver choosing the next
//! "now".
//!
//! ```text
//!  person, script, HTTP client
//!         │ Command                                bounded crossbeam channel, listener -> executor
//!         ▼
//!  executor thread (tokio, one owner) ── Input, now ──▶ service::LambdaService
//!         │  ▲                       ◀── Effect ──────────┘  start, dispatch, reply, persist, publish
//!         │  └ environments, HTTP, store: each sends the loop a message; none owns state
//!         ▼ Vec<Event>, one turn at a time         bounded crossbeam channel, executor -> listener
//!  window (Model::apply, then draw) · command line · scenario driver
//! ```
//!
//! Four words, never mixed: a *command* is wanted; an *input* reaches the service; an *effect* is for the executor to
//! carry out; an *event* has happened and never changes.
//!
//! # Rooms
//! | room | what it is for | must not mention |
//! | --- | --- | --- |
//! | [`service`] | Lambda as a state machine: functions, environments, queues, retries, batches | clocks, threads, files, sockets, any other room |
//! | [`http_model`] | pure rules of the front doors: request and event, result and response, CORS on both sides, policies, signatures | as above |
//! | [`command`], [`event`], [`channel`] | what crosses between executor and listener | everything but value types |
//! | [`events_catalog`] | event templates, variables, *copy as*, pasted requests, JSON text | tokio, egui, executor, model, ui |
//! | [`workspace`] | `invokelab.toml`, saved events, handler files, the demo | tokio, egui, executor, model, ui |
//! | [`store`] | SQLite on its own thread: durable queue, history, search | tokio, egui, executor, model, ui |
//! | [`scenario`] | scenario files, their driver, checks and reports | tokio, egui, executor, model, ui |
//! | [`executor`] | the loop that owns the service; clock, environments, Runtime API, Lambda API, the doors for HTTP clients | model, ui, egui, rusqlite |
//! | [`model`] | what the window knows: made from events and from nothing else | egui, tokio, rusqlite, executor, store |
//! | [`ui`] | the window: reads the model, draws, asks by commands | tokio, rusqlite, executor, store, `LambdaService` |
//! | [`cli`] | puts the rooms together for the window, `serve`, `run`, `invoke`, `event`, `cors`, `screenshots` | |
//!
//! # Invariants
//! 1. A 202 leaves only after the event is on disk; after `kill -9` and a restart no accepted event is lost.
//! 2. Every accepted event ends exactly once.
//! 3. No order of commands, replies and timers makes the service panic or pass a limit.
//! 4. The same seed and inputs give the same effects, byte for byte.
//! 5. The window thread never blocks.
//! 6. No process of an environment outlives the program, grandchildren included.
//! 7. Only loopback is bound, and a page in a browser cannot reach the Lambda API or a Runtime API. Function URLs and APIs
//!    are the doors that browsers may use; they have a port of their own and answer no foreign host.

pub mod channel;
pub mod cli;
pub mod command;
pub mod event;
pub mod events_catalog;
pub mod executor;
pub mod http_model;
pub mod model;
pub mod scenario;
pub mod service;
pub mod store;
pub mod ui;
pub mod workspace;

/// Events are made on one thread and let go of on another, in small pieces; this allocator is a fifth quicker at that in the
/// service bench than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
