//! Wildcards of policies: `*` is any text, `?` is any one character.

/// Whether a text fits a pattern. Takes time in proportion to the product of the lengths, never more.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    if !pattern.contains(['*', '?']) {
        return pattern == text;
    }
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where to go on if the rest does not fit: after the last `*`, with one more character under it.
    let mut retry = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            Some(_) | None => {
                let Some((after_star, covered)) = retry else { return false };
                (p, t) = (after_star, covered + 1);
                retry = Some((after_star, covered + 1));
            }
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// The same for names of actions, whose case does not count.
pub(super) fn action_matches(pattern: &str, action: &str) -> bool {
    pattern.eq_ignore_ascii_case(action) || matches(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase())
}

/// Whether an ARN fits a pattern, part by part: a `*` does not reach over the first five colons.
pub(super) fn arn_matches(pattern: &str, arn: &str) -> bool {
    if !arn.starts_with("arn:") {
        return false;
    }
    let (patterns, parts): (Vec<&str>, Vec<&str>) = (pattern.splitn(6, ':').collect(), arn.splitn(6, ':').collect());
    pattern == "*" || (patterns.len() == parts.len() && patterns.iter().zip(parts).all(|(pattern, part)| matches(pattern, part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_fit_patterns() {
        for (pattern, text, fits) in [
            ("", "", true),
            ("*", "", true),
            ("a*c", "abbbc", true),
            ("a*c", "abcd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*.b", "a.b.b", true),
            ("lambda:*", "lambda:InvokeFunction", true),
            ("a", "A", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
        assert!(!matches(&"*a".repeat(200), &"a".repeat(199)));
    }

    #[test]
    fn arns_fit_part_by_part() {
        let arn = "arn:aws:s3:::uploads/in/a:b";
        for (pattern, fits) in [
            ("arn:aws:s3:::uploads/*", true),
            ("arn:aws:s3:*:*:uploads/*", true),
            ("arn:aws:*:uploads/*", false),
            ("arn:*", false),
            ("*", true),
            ("arn:aws:s3:::other/*", false),
        ] {
            assert_eq!(arn_matches(pattern, arn), fits, "{pattern}");
        }
        assert!(!arn_matches("*", "not an arn"));
    }
}
