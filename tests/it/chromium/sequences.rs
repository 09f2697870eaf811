//! Makes cases of several requests in a row, for what a browser remembers between them.

use serde_json::{Value, json};

use super::cases::Maker;

/// A header that tells how old a response is.
const DATES: [(&str, &str); 10] = [
    ("", ""),
    ("", ""),
    ("", ""),
    ("Expires", "Thu, 01 Dec 2050 00:00:00 GMT"),
    ("Expires", "Thu, 01 Dec 1994 00:00:00 GMT"),
    ("Expires", "0"),
    ("Expires", "soon"),
    ("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT"),
    ("Age", "30"),
    ("Age", "100"),
];

/// The same URL again and again, so that an earlier preflight answer may do.
pub fn preflight_cache(maker: &mut Maker<'_>) -> Value {
    let url = maker.url("asked");
    let origin = maker.origin();
    let age = maker.choices.pick(&["", "60", "60", "100000", "2", "0", "-1", "x", "+30"]);
    let (redirects, next) = (maker.choices.chance(25), maker.url("after"));
    let mut steps = Vec::new();
    for number in 0..maker.choices.pick(&[2, 3, 3, 4]) {
        let method = maker.choices.pick(&["PUT", "PUT", "DELETE", "PATCH", "GET"]);
        let headers = maker.choices.pick(&[json!([]), json!([["X-A", "1"]]), json!([["x-b", "1"], ["Authorization", "t"]])]);
        let mut request = json!({ "url": url, "method": method, "headers": headers });
        if maker.choices.chance(40) {
            request["credentials"] = "include".into();
        }
        if maker.choices.chance(20) {
            request["cache"] = maker.choices.pick(&["no-store", "reload", "no-cache", "force-cache"]).into();
        }
        let preflight = preflight_answer(maker, &origin, age);
        let headers = [maker.allow_origin(&origin, 90), credentials()].concat();
        let mut response = json!({ "status": 200, "headers": headers, "body": "x" });
        let mut hops = json!({});
        if redirects {
            response["status"] = 307.into();
            response["headers"].as_array_mut().unwrap().push(json!(["Location", next]));
            let expected = maker.choices.pick(&[origin.clone(), "null".into()]);
            let after = preflight_answer(maker, &expected, age);
            let headers = [maker.allow_origin(&expected, 90), credentials()].concat();
            hops[&next] = json!({ "preflight": after, "response": { "status": 200, "headers": headers, "body": "y" } });
        }
        let wait = if number > 0 { maker.choices.pick(&[0, 0, 0, 3500]) } else { 0 };
        steps.push(maker.step(request, json!({ "preflight": preflight, "response": response, "hops": hops, "wait_ms": wait })));
    }
    maker.sequence(steps)
}

/// Cookies that responses set, and who gets them back.
pub fn cookies(maker: &mut Maker<'_>) -> Value {
    let url = maker.own_host_url("set");
    let attributes = [
        "",
        "; Secure",
        "; SameSite=None; Secure",
        "; SameSite=None",
        "; SameSite=Strict",
        "; SameSite=lax; Path=/",
        "; Max-Age=0",
        "; Domain=app.test",
    ];
    let mut steps = Vec::new();
    for _ in 0..maker.choices.pick(&[2, 3]) {
        let origin = maker.origin();
        let mut request = json!({ "url": url, "method": maker.choices.pick(&["GET", "GET", "POST", "PUT"]) });
        if maker.choices.chance(75) {
            request["credentials"] = maker.choices.pick(&["include", "include", "omit"]).into();
        }
        let preflight = preflight_answer(maker, &origin, "60");
        let mut headers = maker.allow_origin(&origin, 80);
        headers.extend(credentials());
        if maker.choices.chance(70) {
            headers.push(json!(["Set-Cookie", format!("s=1{}", maker.choices.pick(&attributes))]));
        }
        let response = json!({ "status": 200, "headers": headers, "body": "x" });
        steps.push(maker.step(request, json!({ "preflight": preflight, "response": response })));
    }
    maker.sequence(steps)
}

fn preflight_answer(maker: &mut Maker<'_>, origin: &str, age: &str) -> Value {
    let mut headers = maker.allow_origin(origin, 93);
    headers.extend(credentials());
    headers.push(json!(["Access-Control-Allow-Methods", maker.choices.pick(&["PUT, DELETE", "PUT", "*", "PUT,DELETE,PATCH"])]));
    headers.push(json!(["Access-Control-Allow-Headers", maker.choices.pick(&["x-a,x-b,authorization", "x-a", "*"])]));
    if !age.is_empty() {
        headers.push(json!(["Access-Control-Max-Age", age]));
    }
    json!({ "status": 204, "headers": headers, "body": "" })
}

fn credentials() -> Vec<Value> {
    vec![json!(["Access-Control-Allow-Credentials", "true"])]
}

/// The same URL from pages of one site, so that a stored response may be given to another origin.
pub fn http_cache(maker: &mut Maker<'_>) -> Value {
    let plain =
        ["http://one.site.test/", "http://two.site.test/", "http://one.site.test/", "http://app.test/"].map(|page| (page, ""));
    let others = ["sandbox-iframe", "sandbox-csp", "data-iframe", "srcdoc-iframe", ""].map(|kind| ("http://app.test/", kind));
    let pages = if maker.choices.chance(20) { [&others[..], &[("", "file")]].concat() } else { plain.to_vec() };
    let control = maker.choices.pick(&[
        "max-age=60",
        "max-age=60",
        "public, max-age=3600",
        "no-cache",
        "no-store",
        "max-age=2",
        "",
        "private",
        "s-maxage=60",
        "max-age=60, must-revalidate",
        "max-age=0",
        "MAX-AGE=60",
        "max-age=\"60\"",
        "max-age=x",
    ]);
    let dates = maker.choices.pick(&DATES);
    let vary = maker.choices.pick(&["", "", "Origin", "Accept, Origin", "*", "Accept", "x-a"]);
    let tag = maker.choices.chance(30);
    let mut status = maker.choices.pick(&[200, 200, 200, 200, 404, 500, 301, 307, 203, 300, 410]);
    let leads = (status == 301 || status == 307) && maker.choices.chance(70);
    let next = maker.url("after");
    let host = maker.choices.pick(&["http://api.test", "http://one.site.test"]);
    let url = format!("{host}{}", url::Url::parse(&maker.url("stored")).unwrap().path());
    let mut steps = Vec::new();
    for number in 0..maker.choices.pick(&[2, 3, 4]) {
        let page = maker.choices.pick(&pages);
        maker.set_page(page);
        let origin = maker.origin();
        let request = request(maker, &url, number);
        let wait = if number > 0 { maker.choices.pick(&[0, 0, 0, 3500]) } else { 0 };
        let mut headers = maker.allow_origin(&origin, 80);
        headers.extend(credentials());
        if number > 0 && tag && maker.choices.chance(40) {
            status = 304;
        }
        let lines = [dates, ("Cache-Control", control), ("Vary", vary), ("ETag", if tag { "\"t\"" } else { "" })];
        headers.extend(lines.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| json!([name, value])));
        let mut hops = json!({});
        if leads && status != 304 {
            headers.push(json!(["Location", next]));
            let expected = maker.choices.pick(&[origin.clone(), "null".into()]);
            let after = preflight_answer(maker, &expected, "60");
            let headers = [maker.allow_origin(&expected, 90), credentials()].concat();
            hops[&next] = json!({ "preflight": after, "response": { "status": 200, "headers": headers, "body": "y" } });
        }
        let response = json!({ "status": status, "headers": headers, "body": "stored" });
        let preflight = preflight_answer(maker, &origin, "60");
        steps.push(maker.step(request, json!({ "preflight": preflight, "response": response, "hops": hops, "wait_ms": wait })));
    }
    maker.sequence(steps)
}

fn request(maker: &mut Maker<'_>, url: &str, number: usize) -> Value {
    let method = if number > 0 { maker.choices.pick(&["GET", "GET", "GET", "GET", "HEAD", "POST"]) } else { "GET" };
    let mut request = json!({ "url": url, "method": method });
    if maker.choices.chance(20) {
        request["cache"] = maker.choices.pick(&["no-store", "reload", "no-cache", "force-cache"]).into();
    }
    if maker.choices.chance(20) {
        request["mode"] = "no-cors".into();
    }
    if maker.choices.chance(25) {
        request["credentials"] = "include".into();
    }
    if maker.choices.chance(15) {
        request["headers"] = json!([["X-A", "1"]]);
    }
    request
}
