//! What differs between two texts, line by line.

/// Pairs of lines that are compared at most; between longer texts that differ all over nothing is looked for.
const MOST_PAIRS: usize = 4_000_000;

/// A line of one text or of both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineChange {
    Same(String),
    /// Only in the first text.
    Removed(String),
    /// Only in the second text.
    Added(String),
    /// So many lines of both in a row that are not shown.
    Left(usize),
}

/// The lines of both texts in order; of those that are the same only `context` lines beside a difference.
#[must_use]
pub fn line_changes(before: &str, after: &str, context: usize) -> Vec<LineChange> {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let head = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    let tail = before[head..].iter().rev().zip(after[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let same = |lines: &[&str]| lines.iter().map(|line| LineChange::Same((*line).to_owned())).collect::<Vec<_>>();
    let mut all = same(&before[..head]);
    all.extend(middle(&before[head..before.len() - tail], &after[head..after.len() - tail]));
    all.extend(same(&before[before.len() - tail..]));
    near_changes(all, context)
}

/// The longest lines in common, in order; what is between them was removed and added.
fn middle(before: &[&str], after: &[&str]) -> Vec<LineChange> {
    let removed = |lines: &[&str]| lines.iter().map(|line| LineChange::Removed((*line).to_owned())).collect::<Vec<_>>();
    let added = |lines: &[&str]| lines.iter().map(|line| LineChange::Added((*line).to_owned())).collect::<Vec<_>>();
    if before.len().saturating_mul(after.len()) > MOST_PAIRS {
        return [removed(before), added(after)].concat();
    }
    let lengths = common_lengths(before, after);
    let width = after.len() + 1;
    let (mut a, mut b, mut all) = (0, 0, Vec::new());
    while a < before.len() && b < after.len() {
        if before[a] == after[b] {
            all.push(LineChange::Same(before[a].to_owned()));
            (a, b) = (a + 1, b + 1);
        } else if lengths[(a + 1) * width + b] >= lengths[a * width + b + 1] {
            all.push(LineChange::Removed(before[a].to_owned()));
            a += 1;
        } else {
            all.push(LineChange::Added(after[b].to_owned()));
            b += 1;
        }
    }
    all.extend(removed(&before[a..]));
    all.extend(added(&after[b..]));
    all
}

/// How many lines what follows `before[a]` and `after[b]` has in common, at `a * (after.len() + 1) + b`.
fn common_lengths(before: &[&str], after: &[&str]) -> Vec<u32> {
    let width = after.len() + 1;
    let mut lengths = vec![0_u32; (before.len() + 1) * width];
    for a in (0..before.len()).rev() {
        for b in (0..after.len()).rev() {
            lengths[a * width + b] = match before[a] == after[b] {
                true => lengths[(a + 1) * width + b + 1] + 1,
                false => lengths[(a + 1) * width + b].max(lengths[a * width + b + 1]),
            };
        }
    }
    lengths
}

/// Leaves out lines that are the same and further than `context` lines from a difference.
fn near_changes(all: Vec<LineChange>, context: usize) -> Vec<LineChange> {
    let changed: Vec<usize> =
        all.iter().enumerate().filter(|(_, line)| !matches!(line, LineChange::Same(_))).map(|(index, _)| index).collect();
    let is_near = |index: usize| {
        let next = changed.partition_point(|changed| *changed < index);
        let before = next.checked_sub(1).and_then(|before| changed.get(before));
        changed.get(next).is_some_and(|next| next - index <= context) || before.is_some_and(|before| index - before <= context)
    };
    let mut near = Vec::new();
    for (index, line) in all.into_iter().enumerate() {
        match near.last_mut() {
            _ if is_near(index) => near.push(line),
            Some(LineChange::Left(count)) => *count += 1,
            _ => near.push(LineChange::Left(1)),
        }
    }
    near
}

#[cfg(test)]
mod tests {
    use super::LineChange::{Added, Left, Removed, Same};
    use super::*;

    #[test]
    fn lines_in_common_stay_between_those_that_came_and_went() {
        let (before, after) = ("a\nb\nc\nd\n", "a\nx\nc\ny\nd\n");
        let expected =
            [Same("a".into()), Removed("b".into()), Added("x".into()), Same("c".into()), Added("y".into()), Same("d".into())];
        assert_eq!(line_changes(before, after, 9), expected);
    }

    #[test]
    fn what_is_far_from_a_difference_is_counted() {
        let text = |changed: &str| {
            let lines = (0..20).map(|number| if number == 10 { changed.to_owned() } else { number.to_string() });
            lines.collect::<Vec<_>>().join("\n")
        };
        let expected = [Left(9), Same("9".into()), Removed("old".into()), Added("new".into()), Same("11".into()), Left(8)];
        assert_eq!(line_changes(&text("old"), &text("new"), 1), expected);
        assert_eq!(line_changes("a\nb", "a\nb", 1), [Left(2)]);
    }

    #[test]
    fn texts_that_are_too_long_to_be_compared_are_told_whole() {
        let long = |word: &str| (0..3_000).map(|number| format!("{word}{number}")).collect::<Vec<_>>().join("\n");
        let changes = line_changes(&long("a"), &long("b"), 3);
        assert_eq!(changes.len(), 6_000);
        assert!(matches!(&changes[2_999..3_001], [Removed(_), Added(_)]));
    }
}
