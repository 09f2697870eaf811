//! URL globs: curl makes a request of each of `[1-3]` and `{a,b}`, unless `-g` says that they are meant as they stand.

use std::net::Ipv6Addr;

use super::super::error::ImportError;
use super::word::Word;

/// The URL as curl sends it where it has no globs: a backslash before a bracket or a brace goes.
///
/// # Errors
/// It has globs: several requests, or none that curl would make.
pub(super) fn without(text: &str, word: &Word) -> Result<String, ImportError> {
    let url = word.text();
    let mut plain = String::with_capacity(url.len());
    let mut rest = &*url;
    while let Some(at) = rest.find(['\\', '[', '{', ']', '}']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = literal(rest).ok_or_else(|| refused(text, word, rest))?;
        plain.push_str(rest[..taken].trim_start_matches('\\'));
        rest = &rest[taken..];
    }
    Ok(plain + rest)
}

/// How many bytes at the beginning, which is a backslash, a bracket or a brace, stand for themselves; `None`: they are a glob.
fn literal(rest: &str) -> Option<usize> {
    if let Some(escaped) = rest.strip_prefix('\\') {
        return Some(1 + usize::from(escaped.starts_with(['[', '{', ']', '}'])));
    }
    if rest.starts_with("[]") {
        return Some(2);
    }
    let (inside, _) = rest.strip_prefix('[')?.split_once(']')?;
    let address = inside.split('%').next()?;
    address.parse::<Ipv6Addr>().is_ok().then_some(inside.len() + 2)
}

fn refused(text: &str, word: &Word, rest: &str) -> ImportError {
    let end = rest.find([']', '}']).map_or(rest.len(), |end| end + 1);
    let glob = &rest[..end];
    let problem = format!("curl makes several requests of a URL with `{glob}`, or refuses it; it is not expanded here.");
    let repair = "Write the URL of one request, or give -g if the brackets and braces are meant as they stand.";
    ImportError::at(text, word.offset, problem, repair)
}

#[cfg(test)]
mod tests {
    use super::super::tests::read_all;
    use super::super::{begin, read};

    #[test]
    fn brackets_and_braces_stand_for_themselves_where_curl_says_so() {
        for (command, query) in [
            ("curl -g 'http://a.test/?a={b,c}&d=[1-3]'", "a={b,c}&d=[1-3]"),
            ("curl --globoff 'http://a.test/?a=[1-3]'", "a=[1-3]"),
            ("curl 'http://a.test/?a[]=1&b[]=2'", "a[]=1&b[]=2"),
            (r"curl 'http://a.test/?a=\{b\}&c=\[1\]'", "a={b}&c=[1]"),
            ("curl 'http://[::1]:9002/?a=1'", "a=1"),
        ] {
            let found = read_all(command).query.replace("%7B", "{").replace("%7D", "}");
            assert_eq!(found, query, "{command}");
        }
        assert_eq!(read_all("curl 'http://[::1]:9002/'").authority, "[::1]:9002");
    }

    #[test]
    fn globs_are_not_expanded_and_it_is_said_what_to_do() {
        for (command, glob) in [
            ("curl 'http://a.test/{a,b}'", "{a,b}"),
            ("curl 'http://a.test/[1-3]/x'", "[1-3]"),
            ("curl 'http://a.test/?a=[a-z:2]'", "[a-z:2]"),
            ("curl 'http://a.test/?a={\"b\":1}'", "{\"b\":1}"),
            ("curl 'http://a.test/a]'", "]"),
            ("curl 'http://a.test/{a'", "{a"),
        ] {
            let error = read(command, begin(command).unwrap()).expect_err(command).to_string();
            let expected = format!(
                "line 1, column 6: curl makes several requests of a URL with `{glob}`, or refuses it; it is not expanded here. \
                 Write the URL of one request, or give -g if the brackets and braces are meant as they stand."
            );
            assert_eq!(error, expected);
        }
    }
}
