//! One integration binary, so that the window's libraries link once.

mod tidy;
