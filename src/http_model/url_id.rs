//! Ids of URLs and APIs, and the hosts and paths under which they are reached.

/// Letters and digits of a URL id.
const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// Length of a URL id (semantics 5.1).
pub const URL_ID_LENGTH: usize = 32;
/// Length of the id of an API or of a resource.
pub const SHORT_ID_LENGTH: usize = 10;

const URL_SUFFIX: &str = ".lambda-url.localhost";
const API_SUFFIX: &str = ".execute-api.localhost";
/// First segment of the path form of a URL: `/_url/<id>/...`.
const URL_PATH: &str = "/_url/";
/// First segment of the path form of an API: `/_api/<id>/...`.
const API_PATH: &str = "/_api/";

/// The id of a function's URL. It follows from workspace and function, so it never changes for that function.
///
/// The qualifier is the alias that the URL belongs to, or empty for `$LATEST`.
#[must_use]
pub fn url_id(workspace_id: &str, function: &str, qualifier: &str) -> String {
    id_of(&["url", workspace_id, function, qualifier], URL_ID_LENGTH)
}

/// The id of an API of a workspace.
#[must_use]
pub fn api_id(workspace_id: &str, api: &str) -> String {
    id_of(&["api", workspace_id, api], SHORT_ID_LENGTH)
}

/// A short id that follows from a text.
#[must_use]
pub fn short_id(text: &str) -> String {
    id_of(&["short", text], SHORT_ID_LENGTH)
}

/// `<id>.lambda-url.localhost`.
#[must_use]
pub fn url_domain(url_id: &str) -> String {
    format!("{url_id}{URL_SUFFIX}")
}

/// `<id>.execute-api.localhost`.
#[must_use]
pub fn api_domain(api_id: &str) -> String {
    format!("{api_id}{API_SUFFIX}")
}

/// `http://<id>.lambda-url.localhost:9002/`, with the slash at the end that AWS's own has.
#[must_use]
pub fn url_address(url_id: &str, port: u16) -> String {
    format!("http://{}:{port}/", url_domain(url_id))
}

/// The same for tools that cannot resolve `*.localhost`: `http://127.0.0.1:9002/_url/<id>/`.
#[must_use]
pub fn url_path_address(url_id: &str, port: u16) -> String {
    format!("http://127.0.0.1:{port}{URL_PATH}{url_id}/")
}

/// The path form of an API.
#[must_use]
pub fn api_path_address(api_id: &str, port: u16) -> String {
    format!("http://127.0.0.1:{port}{API_PATH}{api_id}/")
}

/// Whom a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addressee {
    FunctionUrl {
        url_id: String,
        /// The path that the function sees.
        path: String,
    },
    Api {
        api_id: String,
        /// With the stage still in front.
        path: String,
    },
    /// Neither host nor path names a door (`answers::Failure::UnknownHost`).
    Unknown,
}

/// Finds the door that host and path name, in either form. The host may carry a port; case does not count.
#[must_use]
pub fn resolve(authority: &str, path: &str) -> Addressee {
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host).to_ascii_lowercase();
    if let Some(id) = host.strip_suffix(URL_SUFFIX) {
        return Addressee::FunctionUrl { url_id: id.to_owned(), path: path.to_owned() };
    }
    if let Some(id) = host.strip_suffix(API_SUFFIX) {
        return Addressee::Api { api_id: id.to_owned(), path: path.to_owned() };
    }
    if let Some((id, path)) = id_and_rest(path, URL_PATH) {
        return Addressee::FunctionUrl { url_id: id.to_owned(), path };
    }
    match id_and_rest(path, API_PATH) {
        Some((id, path)) => Addressee::Api { api_id: id.to_owned(), path },
        None => Addressee::Unknown,
    }
}

fn id_and_rest<'a>(path: &'a str, prefix: &str) -> Option<(&'a str, String)> {
    let after = path.strip_prefix(prefix)?;
    let end = after.find('/').unwrap_or(after.len());
    let (id, rest) = after.split_at(end);
    (!id.is_empty()).then(|| (id, if rest.is_empty() { "/".to_owned() } else { rest.to_owned() }))
}

/// FNV-1a over the parts, drawn out to any length with SplitMix64. Ids must only be spread out and stable, not secret.
fn id_of(parts: &[&str], length: usize) -> String {
    let mut state: u64 = 0xcbf2_9ce4_8422_2325;
    for part in parts {
        // The length keeps ("ab", "c") apart from ("a", "bc").
        for byte in (part.len() as u64).to_le_bytes().into_iter().chain(part.bytes()) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    let mut draw = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    };
    (0..length).map(|_| char::from(ALPHABET[(draw() % ALPHABET.len() as u64) as usize])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_stable_spread_out_and_of_the_right_form() {
        // These literals are a promise: people put URLs into their notes and pages.
        assert_eq!(url_id("orders-1", "confirm", ""), "jr8iv9erz1o8zu2k47917qcjfnv7y9pt");
        assert_eq!(api_id("orders-1", "shop"), "g6ppzslhka");
        let mut seen = std::collections::BTreeSet::new();
        for (workspace, function, qualifier) in
            [("a", "b", ""), ("ab", "", ""), ("a", "", "b"), ("", "ab", ""), ("b", "a", ""), ("a", "c", "")]
        {
            let id = url_id(workspace, function, qualifier);
            assert!(id.len() == URL_ID_LENGTH && id.bytes().all(|byte| ALPHABET.contains(&byte)), "{id}");
            assert!(seen.insert(id));
        }
    }

    #[test]
    fn hosts_and_paths_name_a_door() {
        let url = |id: &str, path: &str| Addressee::FunctionUrl { url_id: id.into(), path: path.into() };
        let api = |id: &str, path: &str| Addressee::Api { api_id: id.into(), path: path.into() };
        for (authority, path, expected) in [
            ("abc.lambda-url.localhost:9002", "/x", url("abc", "/x")),
            ("ABC.Lambda-URL.localhost", "/", url("abc", "/")),
            ("abc.execute-api.localhost:9002", "/prod/x", api("abc", "/prod/x")),
            ("127.0.0.1:9002", "/_url/abc/x/y", url("abc", "/x/y")),
            ("localhost", "/_url/abc", url("abc", "/")),
            ("localhost", "/_api/abc/prod/x", api("abc", "/prod/x")),
            ("localhost", "/_url/", Addressee::Unknown),
            ("[::1]:9002", "/x", Addressee::Unknown),
            ("abc.lambda-url.localhost", "/_url/def/x", url("abc", "/_url/def/x")),
        ] {
            assert_eq!(resolve(authority, path), expected, "{authority} {path}");
        }
        assert_eq!(url_address("abc", 9002), "http://abc.lambda-url.localhost:9002/");
        assert_eq!(url_path_address("abc", 9002), "http://127.0.0.1:9002/_url/abc/");
        assert_eq!(api_path_address(&api_id("w", "a"), 1).len(), "http://127.0.0.1:1/_api//".len() + SHORT_ID_LENGTH);
        assert_eq!(api_domain("abc"), "abc.execute-api.localhost");
    }
}
