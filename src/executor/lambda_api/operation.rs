//! Which operation of the Lambda API a method and a path mean (semantics 1.1), those that are not offered included.

use hyper::Method;

/// An operation with the function it names, still percent-encoded as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation<'a> {
    Invoke(&'a str),
    InvokeWithResponseStream(&'a str),
    InvokeAsync(&'a str),
    ListFunctions,
    GetFunction(&'a str),
    GetFunctionConfiguration(&'a str),
    GetFunctionRecursionConfig(&'a str),
    /// Known to AWS, not to this version.
    NotOffered(&'static str),
    Unknown,
}

impl<'a> Operation<'a> {
    /// Reads a request line; a trailing slash is the same path.
    #[must_use]
    pub fn of(method: &Method, path: &'a str) -> Self {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (method.as_str(), parts.as_slice()) {
            ("POST", ["2015-03-31", "functions", name, "invocations"]) => Self::Invoke(name),
            ("POST", ["2021-11-15", "functions", name, "response-streaming-invocations"]) => Self::InvokeWithResponseStream(name),
            ("POST", ["2014-11-13", "functions", name, "invoke-async"]) => Self::InvokeAsync(name),
            ("GET", ["2015-03-31", "functions"]) => Self::ListFunctions,
            ("GET", ["2015-03-31", "functions", name]) => Self::GetFunction(name),
            ("GET", ["2015-03-31", "functions", name, "configuration"]) => Self::GetFunctionConfiguration(name),
            ("GET", ["2024-08-31", "functions", name, "recursion-config"]) => Self::GetFunctionRecursionConfig(name),
            (method, parts) => not_offered(method, parts).map_or(Self::Unknown, Self::NotOffered),
        }
    }
}

/// Operations of the model `lambda/2015-03-31` that a client may well try.
fn not_offered(method: &str, parts: &[&str]) -> Option<&'static str> {
    Some(match (method, parts) {
        ("POST", [_, "functions"]) => "CreateFunction",
        ("DELETE", [_, "functions", _]) => "DeleteFunction",
        ("PUT", [_, "functions", _, "code"]) => "UpdateFunctionCode",
        ("PUT", [_, "functions", _, "configuration"]) => "UpdateFunctionConfiguration",
        ("POST", [_, "functions", _, "versions"]) => "PublishVersion",
        ("GET", [_, "functions", _, "versions"]) => "ListVersionsByFunction",
        ("POST", [_, "functions", _, "aliases"]) => "CreateAlias",
        ("GET", [_, "functions", _, "aliases"]) => "ListAliases",
        ("GET", [_, "functions", _, "aliases", _]) => "GetAlias",
        ("PUT", [_, "functions", _, "aliases", _]) => "UpdateAlias",
        ("DELETE", [_, "functions", _, "aliases", _]) => "DeleteAlias",
        ("POST", [_, "functions", _, "policy"]) => "AddPermission",
        ("GET", [_, "functions", _, "policy"]) => "GetPolicy",
        ("DELETE", [_, "functions", _, "policy", _]) => "RemovePermission",
        ("PUT", [_, "functions", _, "concurrency"]) => "PutFunctionConcurrency",
        ("GET", [_, "functions", _, "concurrency"]) => "GetFunctionConcurrency",
        ("DELETE", [_, "functions", _, "concurrency"]) => "DeleteFunctionConcurrency",
        ("GET", [_, "functions", _, "provisioned-concurrency"]) => "GetProvisionedConcurrencyConfig",
        ("PUT", [_, "functions", _, "provisioned-concurrency"]) => "PutProvisionedConcurrencyConfig",
        ("GET", [_, "functions", _, "event-invoke-config"]) => "GetFunctionEventInvokeConfig",
        ("PUT" | "POST", [_, "functions", _, "event-invoke-config"]) => "PutFunctionEventInvokeConfig",
        ("DELETE", [_, "functions", _, "event-invoke-config"]) => "DeleteFunctionEventInvokeConfig",
        ("PUT", [_, "functions", _, "recursion-config"]) => "PutFunctionRecursionConfig",
        ("GET", [_, "functions", _, "url"]) => "GetFunctionUrlConfig",
        ("POST", [_, "functions", _, "url"]) => "CreateFunctionUrlConfig",
        ("PUT", [_, "functions", _, "url"]) => "UpdateFunctionUrlConfig",
        ("DELETE", [_, "functions", _, "url"]) => "DeleteFunctionUrlConfig",
        ("GET", [_, "event-source-mappings"]) => "ListEventSourceMappings",
        ("POST", [_, "event-source-mappings"]) => "CreateEventSourceMapping",
        ("GET", [_, "event-source-mappings", _]) => "GetEventSourceMapping",
        ("PUT", [_, "event-source-mappings", _]) => "UpdateEventSourceMapping",
        ("DELETE", [_, "event-source-mappings", _]) => "DeleteEventSourceMapping",
        ("GET", [_, "layers"]) => "ListLayers",
        ("GET", [_, "layers", _, "versions"]) => "ListLayerVersions",
        ("POST", [_, "layers", _, "versions"]) => "PublishLayerVersion",
        ("GET", [_, "account-settings"]) => "GetAccountSettings",
        ("GET", [_, "tags", ..]) => "ListTags",
        ("POST", [_, "tags", ..]) => "TagResource",
        ("DELETE", [_, "tags", ..]) => "UntagResource",
        _ => return None,
    })
}

/// `%3A` and its like back to bytes; a broken escape or bytes that are not UTF-8 give `None`.
#[must_use]
pub fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_operations() {
        let of = |method: &str, path| Operation::of(&method.parse().unwrap(), path);
        assert_eq!(of("POST", "/2015-03-31/functions/a/invocations"), Operation::Invoke("a"));
        let streaming = "/2021-11-15/functions/a/response-streaming-invocations";
        assert_eq!(of("POST", streaming), Operation::InvokeWithResponseStream("a"));
        assert_eq!(of("POST", "/2014-11-13/functions/a/invoke-async/"), Operation::InvokeAsync("a"));
        assert_eq!(of("GET", "/2015-03-31/functions/"), Operation::ListFunctions);
        assert_eq!(of("GET", "/2015-03-31/functions/a%3A1"), Operation::GetFunction("a%3A1"));
        assert_eq!(of("GET", "/2024-08-31/functions/a/recursion-config"), Operation::GetFunctionRecursionConfig("a"));
        assert_eq!(of("POST", "/2015-03-31/functions"), Operation::NotOffered("CreateFunction"));
        assert_eq!(of("GET", "/favicon.ico"), Operation::Unknown);
        assert_eq!(of("GET", "/2015-03-31/functions/a/invocations"), Operation::Unknown);
    }

    #[test]
    fn names_are_decoded() {
        assert_eq!(percent_decoded("arn%3Aaws").as_deref(), Some("arn:aws"));
        assert_eq!(percent_decoded("%zz"), None);
        assert_eq!(percent_decoded("%f"), None);
        assert_eq!(percent_decoded("%ff"), None);
    }
}
