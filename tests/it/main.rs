//! One integration binary, so that the window's libraries link once.

mod bad_input;
mod builds;
#[cfg(unix)]
mod chromium;
mod clients;
mod command_line;
mod doors;
mod durability;
mod editing;
mod official_clients;
mod program;
mod scaling;
mod scenario_files;
mod stepping;
mod streamed_invoke;
mod test_page;
mod tidy;
mod window;
mod workbench;
