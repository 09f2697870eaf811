//! Paths with variables: `/items/{id}`, `/files/{proxy+}`.

use percent_encoding::percent_decode_str;

/// Methods that a route may name.
const METHODS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// A route that cannot be read; the text says what to write in its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("route \"{route}\", column {column}: {message}")]
pub struct RouteError {
    pub route: String,
    /// From 1, in characters.
    pub column: usize,
    pub message: String,
}

/// Names and decoded values of the variables of a path.
pub(super) type Variables = Vec<(String, String)>;

/// A piece of a path between slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    Literal(String),
    Variable(String),
    Greedy(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PathTemplate {
    pub(super) text: String,
    segments: Vec<Segment>,
}

/// Reads `GET /items/{id}` into method and path.
pub(super) fn parse_route(route: &str) -> Result<(String, PathTemplate), RouteError> {
    let error = |column: usize, message: String| RouteError { route: route.to_owned(), column, message };
    let Some((method, path)) = route.split_once(' ') else {
        let repair = if route.starts_with('/') { format!("ANY {route}") } else { format!("{route} /") };
        return Err(error(1, format!("a route is a method, a space and a path; write \"{repair}\"")));
    };
    if !METHODS.contains(&method) {
        let upper = method.to_ascii_uppercase();
        let repair = if METHODS.contains(&upper.as_str()) {
            format!("write \"{upper}\"")
        } else {
            format!("write one of {}", METHODS.join(", "))
        };
        return Err(error(1, format!("\"{method}\" is not a method; {repair}")));
    }
    let path_column = method.len() + 2;
    let template = PathTemplate::parse(path).map_err(|(at, message)| error(path_column + path[..at].chars().count(), message))?;
    Ok((method.to_owned(), template))
}

impl PathTemplate {
    /// The error is a place in bytes and a sentence.
    fn parse(path: &str) -> Result<Self, (usize, String)> {
        let Some(below_root) = path.strip_prefix('/') else {
            return Err((0, format!("a path begins with a slash; write \"/{path}\"")));
        };
        if let Some(at) = path.find(|c: char| c == '?' || c == '#' || c.is_whitespace()) {
            let odd = path[at..].chars().next().unwrap_or(' ');
            return Err((at, format!("a path must not contain \"{odd}\"; write \"{}\"", &path[..at])));
        }
        let mut segments = Vec::new();
        let mut at = 1;
        if !below_root.is_empty() {
            for piece in below_root.split('/') {
                let segment = parse_segment(piece).map_err(|message| (at, message))?;
                if let Some(Segment::Greedy(name)) = segments.last() {
                    return Err((
                        at,
                        format!("nothing can follow {{{name}+}}, which takes the rest of the path; write {{{name}}}"),
                    ));
                }
                if let Some(name) =
                    segment.name().filter(|name| segments.iter().any(|other: &Segment| other.name() == Some(*name)))
                {
                    return Err((at, format!("{{{name}}} stands here a second time; give it another name")));
                }
                segments.push(segment);
                at += piece.len() + 1;
            }
        }
        Ok(Self { text: path.to_owned(), segments })
    }

    /// The decoded variables, if the path fits.
    pub(super) fn variables(&self, path: &str) -> Option<Variables> {
        let below_root = path.strip_prefix('/')?;
        let mut rest = Some(below_root).filter(|below_root| !below_root.is_empty());
        let mut variables = Vec::new();
        for segment in &self.segments {
            let whole = rest?;
            let (piece, after) = whole.split_once('/').map_or((whole, None), |(piece, after)| (piece, Some(after)));
            match segment {
                Segment::Literal(literal) if decoded(piece) != *literal => return None,
                Segment::Literal(_) => {}
                Segment::Variable(_) if piece.is_empty() => return None,
                Segment::Variable(name) => variables.push((name.clone(), decoded(piece))),
                Segment::Greedy(_) if whole.is_empty() => return None,
                Segment::Greedy(name) => {
                    variables.push((name.clone(), decoded(whole)));
                    return Some(variables);
                }
            }
            rest = after;
        }
        rest.is_none().then_some(variables)
    }

    /// Of two templates that fit a path the smaller takes it: a greedy one comes last, then each segment counts from the left.
    pub(super) fn precedence(&self) -> (bool, Vec<u8>) {
        let rank = |segment: &Segment| match segment {
            Segment::Literal(_) => 0,
            Segment::Variable(_) => 1,
            Segment::Greedy(_) => 2,
        };
        (matches!(self.segments.last(), Some(Segment::Greedy(_))), self.segments.iter().map(rank).collect())
    }

    /// Whether both fit the same paths; the names of variables do not count.
    pub(super) fn same_shape(&self, other: &Self) -> bool {
        self.precedence() == other.precedence()
            && self.segments.iter().zip(&other.segments).all(|(a, b)| a == b || (a.name().is_some() && b.name().is_some()))
    }
}

impl Segment {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Literal(_) => None,
            Self::Variable(name) | Self::Greedy(name) => Some(name),
        }
    }
}

fn parse_segment(piece: &str) -> Result<Segment, String> {
    if piece.is_empty() {
        return Err("there is nothing between two slashes or after the last one; remove a slash".to_owned());
    }
    let Some(inner) = piece.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')) else {
        if piece.contains(['{', '}']) {
            return Err(format!("\"{piece}\" mixes text and a variable; a variable takes a whole segment, as in {{id}}"));
        }
        return Ok(Segment::Literal(decoded(piece)));
    };
    let (name, greedy) = inner.strip_suffix('+').map_or((inner, false), |name| (name, true));
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-$:".contains(c);
    if name.is_empty() || !name.chars().all(allowed) {
        return Err(format!("\"{piece}\" needs a name of letters, digits, \".\", \"_\" and \"-\", as in {{id}}"));
    }
    Ok(if greedy { Segment::Greedy(name.to_owned()) } else { Segment::Variable(name.to_owned()) })
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_fit_or_not() {
        type Expected<'a> = Option<&'a [(&'a str, &'a str)]>;
        let table: [(&str, &str, Expected<'_>); 17] = [
            ("/", "/", Some(&[])),
            ("/", "/a", None),
            ("/items", "/items", Some(&[])),
            ("/items", "/items/", None),
            ("/items", "/Items", None),
            ("/a b", "/a%20b", Some(&[])),
            ("/items/{id}", "/items/7", Some(&[("id", "7")])),
            ("/items/{id}", "/items/a%2Fb%20c+d", Some(&[("id", "a/b c+d")])),
            ("/items/{id}", "/items/", None),
            ("/items/{id}", "/items/7/8", None),
            ("/items/{id}/x/{n}", "/items/7/x/8", Some(&[("id", "7"), ("n", "8")])),
            ("/{proxy+}", "/", None),
            ("/{proxy+}", "/a/b//c/", Some(&[("proxy", "a/b//c/")])),
            ("/x/{proxy+}", "/x", None),
            ("/x/{proxy+}", "/x/", None),
            ("/x/{proxy+}", "/x/%ff", Some(&[("proxy", "\u{fffd}")])),
            ("/x/{proxy+}", "x/y", None),
        ];
        for (template, path, expected) in table {
            let template = PathTemplate::parse(template.replace(' ', "%20").as_str()).expect("a path");
            let expected =
                expected.map(|pairs| pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect::<Vec<_>>());
            assert_eq!(template.variables(path), expected, "{} {path}", template.text);
        }
    }

    #[test]
    fn wrong_routes_name_place_and_repair() {
        for (route, expected) in [
            ("/items", r#"column 1: a route is a method, a space and a path; write "ANY /items""#),
            ("GET", r#"column 1: a route is a method, a space and a path; write "GET /""#),
            ("get /items", r#"column 1: "get" is not a method; write "GET""#),
            ("FETCH /", r#"column 1: "FETCH" is not a method; write one of ANY, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"#),
            ("GET items", r#"column 5: a path begins with a slash; write "/items""#),
            ("GET /a?b=1", r#"column 7: a path must not contain "?"; write "/a""#),
            ("GET /a/", "column 8: there is nothing between two slashes or after the last one; remove a slash"),
            ("GET /ä/{id", r#"column 8: "{id" mixes text and a variable; a variable takes a whole segment, as in {id}"#),
            ("GET /{}", r#"column 6: "{}" needs a name of letters, digits, ".", "_" and "-", as in {id}"#),
            ("GET /{p+}/x", "column 11: nothing can follow {p+}, which takes the rest of the path; write {p}"),
            ("GET /{a}/{a}", "column 10: {a} stands here a second time; give it another name"),
        ] {
            let error = parse_route(route).expect_err(route).to_string();
            assert_eq!(error, format!("route \"{route}\", {expected}"));
        }
    }
}
