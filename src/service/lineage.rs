//! The chain of requests that led to an invocation, as the member `Lineage` of its trace header carries it (semantics 3.7).
//!
//! Lambda writes `LENGTH:FUNCTION:LOOPS` (OBSERVED: `1:00a964c7:0`), and how it counts is not published. Here a function of the
//! chain is one such link, the latest first: how long the chain was when it was last invoked, eight digits that stand for the
//! function, and how often it came back. SDKs pass the header on without looking into it.

use std::fmt;

use super::limits;

/// Functions of a chain that are remembered: a loop over more of them is not found, and the header stays short.
const KEPT: usize = 16;
/// The name of the member, and what stands between links; some SDKs write the bar as `%7C`.
const MEMBER: &str = "Lineage";
const BARS: [&str; 3] = ["|", "%7C", "%7c"];

/// What stands for a function: a hash (FNV-1a) of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark(u32);

impl Mark {
    fn of(function: &str) -> Self {
        Self(function.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Link {
    length: u32,
    function: Mark,
    loops: u32,
}

/// The functions of a chain, the latest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lineage(Vec<Link>);

impl Lineage {
    /// The chain that a trace header carries. What is no link is left out: a header is anybody's to write.
    pub fn of(trace_header: &str) -> Self {
        let Some(mut value) = trace_header.split(';').find_map(value_of) else { return Self::default() };
        let mut links = Vec::new();
        while links.len() < KEPT && !value.is_empty() {
            let bar = BARS.iter().filter_map(|bar| Some((value.find(bar)?, bar.len()))).min();
            let (at, bytes) = bar.unwrap_or((value.len(), 0));
            links.extend(link(&value[..at]));
            value = &value[at + bytes..];
        }
        Self(links)
    }

    /// How often a function was invoked in this chain.
    pub fn invocations(&self, function: &str) -> u32 {
        let mark = Mark::of(function);
        self.0.iter().find(|link| link.function == mark).map_or(0, |link| link.loops.saturating_add(1))
    }

    /// The chain with one more invocation.
    #[must_use]
    pub fn with(mut self, function: &str) -> Self {
        let (mark, loops) = (Mark::of(function), self.invocations(function));
        let length = self.0.iter().map(|link| link.length).max().unwrap_or(0).saturating_add(1);
        self.0.retain(|link| link.function != mark);
        self.0.insert(0, Link { length, function: mark, loops });
        self.0.truncate(KEPT);
        self
    }

    /// The chain of a batch whose messages came by both: of each function the more invocations (DERIVED).
    #[must_use]
    pub fn merged(mut self, other: Self) -> Self {
        for link in other.0 {
            match self.0.iter_mut().find(|own| own.function == link.function) {
                Some(own) => (own.length, own.loops) = (own.length.max(link.length), own.loops.max(link.loops)),
                None => self.0.push(link),
            }
        }
        self.0.sort_by_key(|link| std::cmp::Reverse(link.length));
        self.0.truncate(KEPT);
        self
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Link { length, function, loops }) in self.0.iter().enumerate() {
            write!(f, "{}{length}:{:08x}:{loops}", if index == 0 { "" } else { BARS[0] }, function.0)?;
        }
        Ok(())
    }
}

/// A trace header with this chain in place of its own.
pub(super) fn with_lineage(trace_header: &str, lineage: &Lineage) -> String {
    use fmt::Write;
    let mut header = String::with_capacity(trace_header.len() + 24);
    for member in trace_header.split(';').filter(|member| value_of(member).is_none() && !member.is_empty()) {
        header.push_str(member);
        header.push(';');
    }
    if lineage.is_empty() {
        header.pop();
    } else {
        // Writing to a string does not fail.
        let _ = write!(header, "{MEMBER}={lineage}");
    }
    header
}

/// Whether a function that was invoked so often in a chain, this time included, is in a loop.
pub(super) fn is_loop(invocations: u32) -> bool {
    invocations > limits::CHAIN
}

/// The value of the member, if this is it.
fn value_of(member: &str) -> Option<&str> {
    let (name, value) = member.split_once('=')?;
    name.trim().eq_ignore_ascii_case(MEMBER).then_some(value.trim())
}

fn link(text: &str) -> Option<Link> {
    let mut parts = text.split(':');
    let (length, function, loops) = (parts.next()?, parts.next()?, parts.next()?);
    let function = u32::from_str_radix(function, 16).ok()?;
    Some(Link { length: length.parse().ok()?, function: Mark(function), loops: loops.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(functions: &[&str]) -> Lineage {
        functions.iter().fold(Lineage::default(), |chain, function| chain.with(function))
    }

    #[test]
    fn a_chain_counts_each_function_and_survives_its_header() {
        let chain = chain(&["a", "b", "a", "c", "a"]);
        let header = with_lineage("Root=1-2-3;Lineage=9:00000000:9;Parent=4", &chain);
        assert!(header.starts_with("Root=1-2-3;Parent=4;Lineage=5:e40c292c:2|"), "{header}");
        for sent in [header.clone(), header.replace('|', "%7C"), header.to_lowercase()] {
            assert_eq!(Lineage::of(&sent), chain, "{sent}");
        }
        let counts = ["a", "b", "c", "d"].map(|function| Lineage::of(&header).invocations(function));
        assert_eq!(counts, [3, 1, 1, 0]);
    }

    #[test]
    fn what_is_no_link_is_left_out() {
        for header in ["", "Root=1-2-3", "Lineage=", "Lineage=||", "Lineage=x:y:z", "Lineage=1:e40c292c", "Lineage=1:é:0"] {
            assert_eq!(Lineage::of(header), Lineage::default(), "{header}");
        }
        assert_eq!(Lineage::of("Lineage=no|4294967295:e40c292c:4294967295").with("a").invocations("a"), u32::MAX);
        assert_eq!(with_lineage("Root=1;Lineage=1:e40c292c:0", &Lineage::default()), "Root=1");
    }

    #[test]
    fn a_batch_has_the_longer_chain_of_each_function() {
        let merged = chain(&["a", "a", "b"]).merged(chain(&["c", "b", "b"]));
        assert_eq!(["a", "b", "c"].map(|function| merged.invocations(function)), [2, 2, 1]);
    }

    #[test]
    fn a_chain_of_many_functions_keeps_the_latest() {
        let names: Vec<_> = (0..100).map(|number| format!("f{number}")).collect();
        let chain = chain(&names.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!((chain.0.len(), chain.0[0].length), (KEPT, 100));
        assert_eq!([chain.invocations("f99"), chain.invocations("f0")], [1, 0]);
    }
}
