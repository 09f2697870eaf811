//! JSON as text: check, format, minify and sort keys without ever making values of it.
//!
//! `serde_json::Value` would turn `129.00` into `129.0` and round long integers, so what stands in the document is kept
//! byte for byte and only the space between is made new. Nesting costs memory and no stack. A `{{variable}}` counts as a
//! value, and as a key; inside of strings it is text.

use std::ops::Range;

use super::variables::variable_at;
use crate::event::DocumentError;

/// One step of indentation.
const INDENT: &str = "  ";
/// Levels that are indented further; with more of them the indentation would outgrow the text.
const DEEPEST_INDENT: usize = 100;
/// Longest piece of a document that an error repeats, in characters.
const QUOTED: usize = 40;

/// Whether `text` is one JSON value.
///
/// # Errors
/// Where it stops being JSON, and why in a sentence.
pub fn check(text: &str) -> Result<(), DocumentError> {
    parse(text, |_, _| {})
}

/// Pretty, two spaces a level, empty objects and arrays closed, one line end at the end kept if there was one.
///
/// # Errors
/// As [`check`].
pub fn format(text: &str) -> Result<String, DocumentError> {
    let mut printer = Printer { out: String::with_capacity(text.len() + text.len() / 4), depth: 0, pretty: true, empty: false };
    parse(text, |token, range| printer.token(token, &text[range]))?;
    if text.ends_with('\n') {
        printer.out.push('\n');
    }
    Ok(printer.out)
}

/// Without any space between tokens.
///
/// # Errors
/// As [`check`].
pub fn minify(text: &str) -> Result<String, DocumentError> {
    let mut printer = Printer { out: String::with_capacity(text.len()), depth: 0, pretty: false, empty: false };
    parse(text, |token, range| printer.token(token, &text[range]))?;
    Ok(printer.out)
}

/// Members of every object by their keys, byte by byte as they are written; then formatted. Equal keys keep their order.
///
/// # Errors
/// As [`check`].
pub fn sort_keys(text: &str) -> Result<String, DocumentError> {
    let mut tokens = Vec::new();
    parse(text, |token, range| tokens.push((token, range)))?;
    let mut printer = Printer { out: String::with_capacity(text.len() + text.len() / 4), depth: 0, pretty: true, empty: false };
    in_order(text, &tokens, |token, range| printer.token(token, &text[range]));
    if text.ends_with('\n') {
        printer.out.push('\n');
    }
    Ok(printer.out)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Comma,
    Colon,
    Key,
    /// String, number, literal or variable.
    Value,
}

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Value,
    /// Right behind `[`.
    ValueOrClose,
    Key,
    /// Right behind `{`.
    KeyOrClose,
    Colon,
    CommaOrClose,
    End,
}

/// Reads `text` and tells every token with its range.
fn parse(text: &str, mut tell: impl FnMut(Token, Range<usize>)) -> Result<(), DocumentError> {
    let mut reader = Reader { text, at: 0, open: Vec::new(), last: 0..0 };
    let mut expect = Expect::Value;
    loop {
        reader.skip_space();
        let start = reader.at;
        let Some(byte) = reader.peek() else { break };
        let token = reader.token(byte, expect)?;
        expect = reader.after(token, expect);
        reader.last = start..reader.at;
        tell(token, start..reader.at);
    }
    if expect == Expect::End { Ok(()) } else { Err(reader.ends_early(expect)) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// Offsets of the brackets that are open.
    open: Vec<usize>,
    /// The token before.
    last: Range<usize>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        let space = self.text.as_bytes()[self.at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
        self.at += space.count();
    }

    fn in_object(&self) -> bool {
        self.open.last().is_some_and(|open| self.text.as_bytes()[*open] == b'{')
    }

    fn token(&mut self, byte: u8, expect: Expect) -> Result<Token, DocumentError> {
        match (byte, expect) {
            (b'}' | b']', _) => self.close(byte, expect),
            (b',', Expect::CommaOrClose) => self.one(Token::Comma),
            (b':', Expect::Colon) => self.one(Token::Colon),
            (_, Expect::End | Expect::CommaOrClose | Expect::Colon) => Err(self.misses(expect)),
            (_, Expect::Key | Expect::KeyOrClose) => self.key(byte),
            (_, Expect::Value | Expect::ValueOrClose) => self.value(byte, expect),
        }
    }

    fn one(&mut self, token: Token) -> Result<Token, DocumentError> {
        self.at += 1;
        Ok(token)
    }

    fn close(&mut self, byte: u8, expect: Expect) -> Result<Token, DocumentError> {
        let Some(&open) = self.open.last() else {
            return Err(self.error(self.at, format!("{} closes nothing", named(byte))));
        };
        let opened = self.text.as_bytes()[open];
        if (opened == b'{') != (byte == b'}') {
            let (line, _) = position(self.text, open);
            let wanted = if opened == b'{' { "}" } else { "]" };
            return Err(self.error(self.at, format!("{wanted} was expected here to close the {} of line {line}", opened as char)));
        }
        match expect {
            Expect::Key => {
                Err(self.error(self.last.start, format!("a comma stands before {} without a member behind it", named(byte))))
            }
            Expect::Value if self.text.as_bytes()[self.last.start] == b',' => {
                Err(self.error(self.last.start, format!("a comma stands before {} without a value behind it", named(byte))))
            }
            Expect::Value | Expect::Colon => Err(self.misses(expect)),
            Expect::ValueOrClose | Expect::KeyOrClose | Expect::CommaOrClose | Expect::End => {
                self.open.pop();
                self.one(Token::Close)
            }
        }
    }

    fn key(&mut self, byte: u8) -> Result<Token, DocumentError> {
        if self.variable() {
            return Ok(Token::Key);
        }
        match byte {
            b'"' => self.string().map(|()| Token::Key),
            b'{' if self.opens_variable() => Err(self.error(self.last.start, "the variable is not closed by }}".to_owned())),
            b',' => Err(self.error(self.at, "a comma stands here without a member before it".to_owned())),
            b'\'' => Err(self.error(self.at, "keys stand in double quotes, not in single ones".to_owned())),
            _ => {
                let word = self.word();
                let what = if word.is_empty() { self.quoted() } else { word };
                Err(self.error(self.at, format!("a key in double quotes was expected here instead of {what}")))
            }
        }
    }

    fn value(&mut self, byte: u8, expect: Expect) -> Result<Token, DocumentError> {
        if self.variable() {
            return Ok(Token::Value);
        }
        match byte {
            b'{' | b'[' => {
                self.open.push(self.at);
                self.one(Token::Open)
            }
            b'"' => self.string().map(|()| Token::Value),
            b'-' | b'0'..=b'9' => self.number().map(|()| Token::Value),
            b',' if expect == Expect::Value && self.last.end > 0 && self.text.as_bytes()[self.last.start] == b',' => {
                Err(self.error(self.at, "two commas stand in a row".to_owned()))
            }
            b',' | b':' => Err(self.error(self.at, format!("a value is missing before {}", named(byte)))),
            b'\'' => Err(self.error(self.at, "strings stand in double quotes, not in single ones".to_owned())),
            b'/' => Err(self.error(self.at, "JSON has no comments".to_owned())),
            b'+' | b'.' => Err(self.error(self.at, format!("a number cannot start with {}", byte as char))),
            _ => self.literal().map(|()| Token::Value),
        }
    }

    fn literal(&mut self) -> Result<(), DocumentError> {
        let word = self.word();
        if matches!(word.as_str(), "true" | "false" | "null") {
            self.at += word.len();
            return Ok(());
        }
        let hint = match word.to_ascii_lowercase().as_str() {
            "true" => "true is written in small letters",
            "false" => "false is written in small letters",
            "null" | "none" | "nil" => "nothing is written null",
            "undefined" => "JSON has no undefined, write null",
            "nan" | "infinity" => "JSON has no NaN and no Infinity",
            "" => return Err(self.error(self.at, format!("{} cannot start a value", self.quoted()))),
            _ => return Err(self.error(self.at, format!("{} is no value; text stands in double quotes", self.quoted()))),
        };
        Err(self.error(self.at, hint.to_owned()))
    }

    fn string(&mut self) -> Result<(), DocumentError> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut at = start + 1;
        loop {
            match bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => at = self.escape(at)?,
                Some(b'\n' | b'\r') | None => return Err(self.error(start, self.unclosed(start))),
                Some(byte) if *byte < 0x20 => {
                    return Err(self.error(at, format!("a string cannot hold the control character \\u{byte:04x} as it is")));
                }
                Some(_) => at += 1,
            }
        }
        self.at = at + 1;
        Ok(())
    }

    fn unclosed(&self, start: usize) -> String {
        if self.text.as_bytes().get(start + 1).is_none() {
            return "a string is not closed".to_owned();
        }
        let line = self.text[start..].lines().next().unwrap_or_default();
        let begin: String = line.chars().take(QUOTED).collect();
        let dots = if begin.len() < line.len() { "…" } else { "" };
        format!("the string {begin}{dots} is not closed in its line")
    }

    /// The offset behind an escape.
    fn escape(&self, at: usize) -> Result<usize, DocumentError> {
        let bytes = self.text.as_bytes();
        match bytes.get(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
            Some(b'u') => {
                let digits = bytes.get(at + 2..at + 6).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
                if digits { Ok(at + 6) } else { Err(self.error(at, "\\u needs four hexadecimal digits".to_owned())) }
            }
            Some(_) => {
                let escaped = self.text[at + 1..].chars().next().unwrap_or_default();
                Err(self.error(at, format!("\\{escaped} is no escape; a backslash is written \\\\")))
            }
            None => Err(self.error(at, "a string is not closed".to_owned())),
        }
    }

    fn number(&mut self) -> Result<(), DocumentError> {
        let bytes = self.text.as_bytes();
        let digits = |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let start = self.at;
        let whole = start + usize::from(bytes[start] == b'-');
        let mut at = whole + digits(whole);
        if at == whole {
            return Err(self.error(start, "a minus stands here without a number".to_owned()));
        }
        if bytes[whole] == b'0' && at - whole > 1 {
            return Err(self.error(start, "a number cannot start with 0".to_owned()));
        }
        if bytes.get(at) == Some(&b'.') {
            let fraction = digits(at + 1);
            if fraction == 0 {
                return Err(self.error(at, "a digit is missing behind the decimal point".to_owned()));
            }
            at += 1 + fraction;
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            let exponent = digits(at + 1 + sign);
            if exponent == 0 {
                return Err(self.error(at, "a digit is missing in the exponent".to_owned()));
            }
            at += 1 + sign + exponent;
        }
        self.at = at;
        if self.word().is_empty() && bytes.get(at) != Some(&b'.') {
            return Ok(());
        }
        self.at = start;
        Err(self.error(start, format!("{} is no number; text stands in double quotes", self.quoted())))
    }

    /// Reads a variable, if one stands here.
    fn variable(&mut self) -> bool {
        let variable = variable_at(self.text, self.at);
        self.at = variable.as_ref().map_or(self.at, |variable| variable.end);
        variable.is_some()
    }

    /// Whether the bracket here is the second of a variable that was begun.
    fn opens_variable(&self) -> bool {
        self.text[self.last.start..self.at] == *"{" && self.text[self.at + 1..].trim_start().starts_with(char::is_alphabetic)
    }

    fn after(&mut self, token: Token, expect: Expect) -> Expect {
        match token {
            Token::Open if self.in_object() => Expect::KeyOrClose,
            Token::Open => Expect::ValueOrClose,
            Token::Comma if self.in_object() => Expect::Key,
            Token::Comma | Token::Colon => Expect::Value,
            Token::Key => Expect::Colon,
            Token::Close | Token::Value if self.open.is_empty() => Expect::End,
            Token::Close | Token::Value if expect == Expect::End => Expect::End,
            Token::Close | Token::Value => Expect::CommaOrClose,
        }
    }

    /// Letters, digits and underscores from here on.
    fn word(&self) -> String {
        self.text[self.at..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').take(QUOTED).collect()
    }

    /// What stands here, short enough for a sentence.
    fn quoted(&self) -> String {
        let rest = &self.text[self.at..];
        if rest.starts_with('"') {
            let end = rest
                .char_indices()
                .skip(1)
                .find(|(_, c)| matches!(c, '"' | '\n'))
                .map_or(rest.len(), |(at, c)| at + c.len_utf8());
            let shown: String = rest[..end].trim_end().chars().take(QUOTED).collect();
            return if shown.len() < rest[..end].trim_end().len() { format!("{shown}…\"") } else { shown };
        }
        let stops = |c: &char| !c.is_whitespace() && !matches!(c, ',' | ':' | '{' | '}' | '[' | ']' | '"');
        let shown: String = rest.chars().take_while(stops).take(QUOTED).collect();
        if shown.is_empty() { rest.chars().next().map_or_else(String::new, |c| c.to_string()) } else { shown }
    }

    fn misses(&self, expect: Expect) -> DocumentError {
        let what = self.quoted();
        match expect {
            Expect::Colon => self.error(self.at, format!("a colon is missing between {} and {what}", self.last_token())),
            Expect::CommaOrClose if self.peek() == Some(b':') && !self.in_object() => {
                self.error(self.at, "a colon stands in an array; only members of an object have keys".to_owned())
            }
            Expect::CommaOrClose => self.error(self.at, format!("a comma is missing before {what}")),
            Expect::End => self.error(self.at, format!("the document ends here, but {what} follows")),
            Expect::Value | Expect::ValueOrClose => self.error(self.at, format!("a value is missing before {what}")),
            Expect::Key | Expect::KeyOrClose => self.error(self.at, format!("a key is missing before {what}")),
        }
    }

    fn last_token(&self) -> String {
        Reader { text: self.text, at: self.last.start, open: Vec::new(), last: 0..0 }.quoted()
    }

    fn ends_early(&self, expect: Expect) -> DocumentError {
        let end = self.text.trim_end().len();
        if self.last.end == 0 {
            return self.error(end, "the document is empty".to_owned());
        }
        match (expect, self.open.last()) {
            (Expect::Colon, _) => self.error(end, format!("a colon and a value are missing behind {}", self.last_token())),
            (Expect::Value, _) => self.error(end, format!("a value is missing behind {}", self.last_token())),
            (_, Some(open)) => {
                let bracket = self.text.as_bytes()[*open];
                let (line, column) = position(self.text, *open);
                self.error(end, format!("{} of line {line}, column {column} is not closed", named(bracket)))
            }
            _ => self.error(end, "the document ends too early".to_owned()),
        }
    }

    fn error(&self, at: usize, message: String) -> DocumentError {
        let (line, column) = position(self.text, at);
        DocumentError { line, column, message }
    }
}

/// Line, and column in characters, from 1.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..at];
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    (before.iter().filter(|byte| **byte == b'\n').count() + 1, text[start..at].chars().count() + 1)
}

fn named(byte: u8) -> &'static str {
    match byte {
        b'{' => "the bracket {",
        b'}' => "the bracket }",
        b'[' => "the bracket [",
        b']' => "the bracket ]",
        b':' => "the colon",
        _ => "the comma",
    }
}

/// Writes tokens with new space between them.
struct Printer {
    out: String,
    depth: usize,
    pretty: bool,
    /// Nothing came behind the last opening bracket yet.
    empty: bool,
}

impl Printer {
    fn token(&mut self, token: Token, text: &str) {
        if token == Token::Close {
            self.depth -= 1;
            if !self.empty {
                self.line();
            }
        } else if self.empty {
            self.line();
        }
        self.empty = token == Token::Open;
        self.out.push_str(text);
        match token {
            Token::Open => self.depth += 1,
            Token::Comma => self.line(),
            Token::Colon if self.pretty => self.out.push(' '),
            Token::Close | Token::Colon | Token::Key | Token::Value => {}
        }
    }

    fn line(&mut self) {
        if self.pretty {
            self.out.push('\n');
            for _ in 0..self.depth.min(DEEPEST_INDENT) {
                self.out.push_str(INDENT);
            }
        }
    }
}

type Placed = (Token, Range<usize>);

/// An object or array, by the indices of its tokens.
#[derive(Default)]
struct Node<'a> {
    close: usize,
    /// Key of every member, and its tokens without the comma. Empty for an array.
    members: Vec<(&'a str, Range<usize>)>,
}

/// Tells the tokens with the members of every object in the order of their keys. Each is told once, whatever the depth.
fn in_order(text: &str, tokens: &[Placed], mut tell: impl FnMut(Token, Range<usize>)) {
    let nodes = nodes(text, tokens);
    let mut waiting = Vec::new();
    waiting.push(0..tokens.len());
    while let Some(mut range) = waiting.pop() {
        while let Some(index) = range.next() {
            let (token, place) = &tokens[index];
            tell(*token, place.clone());
            let Some(node) = nodes[index].as_ref().filter(|node| node.members.len() > 1) else { continue };
            let comma = node.members.iter().map(|(_, member)| member.end).min().unwrap_or_default();
            waiting.push(node.close..range.end);
            for (position, (_, member)) in node.members.iter().enumerate().rev() {
                waiting.push(member.clone());
                if position > 0 {
                    waiting.push(comma..comma + 1);
                }
            }
            break;
        }
    }
}

/// What opens at each token, members sorted by key.
fn nodes<'a>(text: &'a str, tokens: &[Placed]) -> Vec<Option<Node<'a>>> {
    let mut nodes: Vec<Option<Node<'a>>> = tokens.iter().map(|_| None).collect();
    let mut open: Vec<(usize, Node<'a>)> = Vec::new();
    for (index, (token, range)) in tokens.iter().enumerate() {
        match token {
            Token::Open => open.push((index, Node::default())),
            Token::Key => {
                if let Some((_, node)) = open.last_mut() {
                    node.members.push((&text[range.clone()], index..index));
                }
            }
            Token::Comma => end_member(&mut open, index),
            Token::Close => {
                end_member(&mut open, index);
                if let Some((start, mut node)) = open.pop() {
                    node.close = index;
                    node.members.sort_by_key(|(key, _)| *key);
                    nodes[start] = Some(node);
                }
            }
            Token::Colon | Token::Value => {}
        }
    }
    nodes
}

fn end_member(open: &mut [(usize, Node<'_>)], index: usize) {
    if let Some((_, member)) = open.last_mut().and_then(|(_, node)| node.members.last_mut()) {
        member.end = index;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> String {
        let error = check(text).unwrap_err();
        format!("{}:{} {}", error.line, error.column, error.message)
    }

    #[test]
    fn numbers_keep_their_text_and_their_place() {
        let text = r#"{ "price":129.00,"big":12345678901234567890123, "e": 1E+05, "deep":{"a":[ ],"b":{ }, "c":[1 ,-0.50]}}"#;
        let pretty = format(text).unwrap();
        let expected = "{\n  \"price\": 129.00,\n  \"big\": 12345678901234567890123,\n  \"e\": 1E+05,\n  \"deep\": {\n    \"a\": [],\n    \"b\": {},\n    \"c\": [\n      1,\n      -0.50\n    ]\n  }\n}";
        assert_eq!(pretty, expected);
        let small = r#"{"price":129.00,"big":12345678901234567890123,"e":1E+05,"deep":{"a":[],"b":{},"c":[1,-0.50]}}"#;
        assert_eq!(minify(&pretty).unwrap(), small);
        assert_eq!(format(&pretty).unwrap(), pretty);
    }

    #[test]
    fn keys_are_sorted_at_every_level_and_values_travel_with_them() {
        let sorted = sort_keys(r#"{"b":[{"z":1,"a":{"y":2,"x":3}}],"a":1.0,"{{k}}":{{v}},"B":null}"#).unwrap();
        let small = minify(&sorted).unwrap();
        assert_eq!(small, r#"{"B":null,"a":1.0,"b":[{"a":{"x":3,"y":2},"z":1}],"{{k}}":{{v}}}"#);
        assert_eq!(sort_keys("[3,1,2]").unwrap(), "[\n  3,\n  1,\n  2\n]");
        assert_eq!(minify(&sort_keys(r#"{"b":1,"a":2,"b":3}"#).unwrap()).unwrap(), r#"{"a":2,"b":1,"b":3}"#);
    }

    #[test]
    fn variables_are_values_keys_and_text() {
        let text = r#"{"id": {{seq}}, "at": "{{now}}", {{key}}: [{{random.int 1 100}}]}"#;
        assert_eq!(minify(text).unwrap(), r#"{"id":{{seq}},"at":"{{now}}",{{key}}:[{{random.int 1 100}}]}"#);
        assert_eq!(check("{{uuid}}"), Ok(()));
        assert_eq!(wrong("[{{uuid]"), "1:2 the variable is not closed by }}");
    }

    #[test]
    fn errors_say_where_and_how() {
        let cases = [
            ("", "1:1 the document is empty"),
            ("{\n  \"a\": 1\n  \"name\": 2\n}", "3:3 a comma is missing before \"name\""),
            ("{\"a\" 1}", "1:6 a colon is missing between \"a\" and 1"),
            ("{\"a\": 1,}", "1:8 a comma stands before the bracket } without a member behind it"),
            ("[1, 2,]", "1:6 a comma stands before the bracket ] without a value behind it"),
            ("[1,,2]", "1:4 two commas stand in a row"),
            ("{\"a\": }", "1:7 a value is missing before }"),
            ("{a: 1}", "1:2 a key in double quotes was expected here instead of a"),
            ("{'a': 1}", "1:2 keys stand in double quotes, not in single ones"),
            ("['a']", "1:2 strings stand in double quotes, not in single ones"),
            ("[\"é\", \"abc\n]", "1:7 the string \"abc is not closed in its line"),
            ("[1}", "1:3 ] was expected here to close the [ of line 1"),
            ("{\"a\": [1, 2", "1:12 the bracket [ of line 1, column 7 is not closed"),
            ("{\"a\"", "1:5 a colon and a value are missing behind \"a\""),
            ("]", "1:1 the bracket ] closes nothing"),
            ("1 2", "1:3 the document ends here, but 2 follows"),
            ("{} x", "1:4 the document ends here, but x follows"),
            ("[True]", "1:2 true is written in small letters"),
            ("[None]", "1:2 nothing is written null"),
            ("[NaN]", "1:2 JSON has no NaN and no Infinity"),
            ("[012]", "1:2 a number cannot start with 0"),
            ("[1.]", "1:3 a digit is missing behind the decimal point"),
            ("[1e]", "1:3 a digit is missing in the exponent"),
            ("[-]", "1:2 a minus stands here without a number"),
            ("[12abc]", "1:2 12abc is no number; text stands in double quotes"),
            ("[+1]", "1:2 a number cannot start with +"),
            ("[\"\\x\"]", "1:3 \\x is no escape; a backslash is written \\\\"),
            ("[\"\\u12g4\"]", "1:3 \\u needs four hexadecimal digits"),
            ("[\"\u{1}\"]", "1:3 a string cannot hold the control character \\u0001 as it is"),
            ("[1] // note", "1:5 the document ends here, but // follows"),
            ("[ // note\n1]", "1:3 JSON has no comments"),
            ("[hello]", "1:2 hello is no value; text stands in double quotes"),
            ("{\"a\":1,{b}", "1:8 a key in double quotes was expected here instead of {"),
            ("[\"a\": 1]", "1:5 a colon stands in an array; only members of an object have keys"),
        ];
        for (text, expected) in cases {
            assert_eq!(wrong(text), expected, "for {text:?}");
        }
    }

    #[test]
    fn it_agrees_with_serde_json_on_damaged_documents() {
        let whole = r#"{"a":[1,-2.50e3,true,null,"x\n\u00e9"],"b":{"c":{},"d":[]}}"#;
        let signs = ["{", "}", "[", "]", ",", ":", "\"", "1", "-", "e", ".", "\\", "n", " ", "0"];
        for at in 0..=whole.len() {
            for sign in signs {
                for removed in 0..2 {
                    let end = (at + removed).min(whole.len());
                    let text = format!("{}{sign}{}", &whole[..at], &whole[end..]);
                    let known = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
                    if !text.contains("{{") {
                        assert_eq!(check(&text).is_ok(), known, "for {text}");
                    }
                }
            }
        }
    }

    #[test]
    fn deep_nesting_needs_no_stack() {
        let depth = 200_000;
        let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(check(&text), Ok(()));
        assert_eq!(minify(&text).unwrap(), text);
        assert!(format(&text).unwrap().len() < 120_000_000);
        let unsorted = format!("{}0{}", "{\"b\":".repeat(depth), ",\"a\":1}".repeat(depth));
        let sorted = format!("{}0{}", "{\"a\":1,\"b\":".repeat(depth), "}".repeat(depth));
        assert!(minify(&sort_keys(&unsorted).unwrap()).unwrap() == sorted);
    }
}
