//! What can be done with a line of a log.

use super::MenuItem;
use crate::service::input::LogLine;

/// `all` is the whole log that the line stands in.
#[must_use]
pub fn of_line<'a>(line: &LogLine, all: impl Iterator<Item = &'a LogLine>) -> Vec<MenuItem> {
    let all: Vec<&str> = all.map(|line| &*line.text).collect();
    vec![MenuItem::copy("Copy line", &*line.text), MenuItem::copy("Copy all lines", all.join("\n"))]
}
