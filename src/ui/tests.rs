//! The window by accessible name: what is pressed becomes a command, what happens is shown.
