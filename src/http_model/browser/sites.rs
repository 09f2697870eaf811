//! Which hosts belong to one site, and which URLs count as trustworthy without TLS.
//!
//! A site is a registrable domain: a public suffix and one label before it (<https://publicsuffix.org/list/>). The whole
//! list has ten thousand rows; here stand the rows that matter around Lambda and the common ones of two labels. Any other
//! name counts as under a suffix of one label.

use url::{Host, Url};

/// Public suffixes of more than one label; `*` stands for any one label.
const SUFFIXES: &[&str] = &[
    "lambda-url.*.on.aws",
    "execute-api.*.amazonaws.com",
    "execute-api.*.amazonaws.com.cn",
    "elb.amazonaws.com",
    "*.elb.amazonaws.com",
    "s3.amazonaws.com",
    "s3.*.amazonaws.com",
    "s3-website.*.amazonaws.com",
    "cloudfront.net",
    "elasticbeanstalk.com",
    "*.elasticbeanstalk.com",
    "*.amplifyapp.com",
    "amplifyapp.com",
    "awsapprunner.com",
    "*.awsapprunner.com",
    "auth.*.amazoncognito.com",
    "github.io",
    "gitlab.io",
    "githubpreview.dev",
    "vercel.app",
    "netlify.app",
    "pages.dev",
    "workers.dev",
    "web.app",
    "firebaseapp.com",
    "herokuapp.com",
    "azurewebsites.net",
    "azurestaticapps.net",
    "*.azurestaticapps.net",
    "appspot.com",
    "*.r.appspot.com",
    "a.run.app",
    "run.app",
    "fly.dev",
    "onrender.com",
    "ngrok.io",
    "ngrok.app",
    "ngrok-free.app",
    "surge.sh",
    "blogspot.com",
    "co.uk",
    "org.uk",
    "ac.uk",
    "gov.uk",
    "com.au",
    "net.au",
    "org.au",
    "co.nz",
    "co.jp",
    "ne.jp",
    "or.jp",
    "com.br",
    "com.cn",
    "com.mx",
    "com.tr",
    "com.tw",
    "co.in",
    "co.kr",
    "co.za",
    "co.il",
    "com.sg",
    "com.hk",
    "com.ar",
];

/// Whether two URLs are same-site, the scheme included (HTML, "schemefully same site").
#[must_use]
pub fn same_site(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme() && site(one).is_some_and(|first| site(other).is_some_and(|second| first == second))
}

/// The registrable domain of a URL's host; the host itself when it has none (an address, a public suffix).
#[must_use]
pub fn site(url: &Url) -> Option<String> {
    match url.host()? {
        Host::Domain(domain) => Some(registrable_domain(domain).to_owned()),
        Host::Ipv4(address) => Some(address.to_string()),
        Host::Ipv6(address) => Some(address.to_string()),
    }
}

fn registrable_domain(domain: &str) -> &str {
    let labels: Vec<&str> = domain.split('.').collect();
    let suffix_labels = SUFFIXES.iter().filter_map(|suffix| matching_labels(&labels, suffix)).max().unwrap_or(1);
    if labels.len() <= suffix_labels {
        return domain;
    }
    let skipped: usize = labels[..labels.len() - suffix_labels - 1].iter().map(|label| label.len() + 1).sum();
    &domain[skipped..]
}

fn matching_labels(labels: &[&str], suffix: &str) -> Option<usize> {
    let pattern: Vec<&str> = suffix.split('.').collect();
    let end = labels.get(labels.len().checked_sub(pattern.len())?..)?;
    let fits = end.iter().zip(&pattern).all(|(label, wanted)| *wanted == "*" || label == wanted);
    fits.then_some(pattern.len())
}

/// Whether a URL is trusted like https (Secure Contexts, "potentially trustworthy URL").
#[must_use]
pub fn is_potentially_trustworthy(url: &Url) -> bool {
    match url.host() {
        _ if url.scheme() == "https" || url.scheme() == "file" => true,
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_url_is_its_own_site() {
        for (one, other, same) in [
            ("https://a.lambda-url.eu-west-1.on.aws", "https://b.lambda-url.eu-west-1.on.aws", false),
            ("https://a.lambda-url.eu-west-1.on.aws", "https://a.lambda-url.eu-west-1.on.aws/x", true),
            ("https://app.example.com", "https://api.example.com:8443", true),
            ("https://app.example.com", "http://app.example.com", false),
            ("https://example.co.uk", "https://other.co.uk", false),
            ("http://127.0.0.1:1", "http://127.0.0.1:2", true),
            ("http://localhost:1", "http://localhost:2", true),
            ("http://localhost", "http://127.0.0.1", false),
        ] {
            assert_eq!(same_site(&Url::parse(one).unwrap(), &Url::parse(other).unwrap()), same, "{one} {other}");
        }
    }

    #[test]
    fn loopback_is_trustworthy() {
        for (url, expected) in [
            ("http://localhost:3000", true),
            ("http://app.localhost", true),
            ("http://127.8.0.1", true),
            ("http://[::1]:80", true),
            ("http://example.com", false),
            ("https://example.com", true),
        ] {
            assert_eq!(is_potentially_trustworthy(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
