//! The editor through the accessibility tree: what is typed, seen and asked for.
