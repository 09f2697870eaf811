//! One integration binary, so that the window's libraries link once.

mod official_clients;
mod tidy;
