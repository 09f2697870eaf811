//! The requests that curl itself sends, compared with those that are read from its commands.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use super::tests::{body, read_all};

/// What curl sends for a command whose host is `HOST`; `None` where there is no curl.
fn sent_by_curl(command: &str) -> Option<String> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let command = command.replace("HOST", &listener.local_addr().unwrap().to_string());
    let found = Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_ok();
    let mut bash = Command::new("bash");
    bash.arg("-c").arg(&command).env("no_proxy", "*").stdout(Stdio::null()).stderr(Stdio::null());
    let mut curl = bash.spawn().ok().filter(|_| found)?;
    let (mut stream, _) = listener.accept().unwrap();
    let (mut sent, mut buffer) = (Vec::new(), [0; 4096]);
    while !is_whole(&sent) {
        let length = stream.read(&mut buffer).unwrap();
        assert!(length > 0, "curl went away");
        sent.extend_from_slice(&buffer[..length]);
    }
    stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").unwrap();
    drop(stream);
    curl.wait().unwrap();
    Some(String::from_utf8(sent).unwrap().replace(&listener.local_addr().unwrap().to_string(), "HOST"))
}

/// Whether the head and as many bytes as it announces are there.
fn is_whole(sent: &[u8]) -> bool {
    let text = String::from_utf8_lossy(sent);
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")?.parse().ok()).unwrap_or(0);
    sent.len() >= head.len() + "\r\n\r\n".len() + length
}

#[test]
fn as_curl_sends_it() {
    for command in [
        "curl -s HOST/a/b?c=%20",
        "curl -s HOST -d a=1 -d b=2 --data-urlencode 'c=ä /?'",
        "curl -s HOST/?z=1 -G --data-urlencode 'c d'",
        r#"curl -s HOST -X PATCH --data-raw $'{"a":"it\'s \u0021\n\u00e4 \\"}' -H 'Content-Type: application/json'"#,
        r#"curl -s "HOST/x" -H "X-A: \"1\" \a" -b 'a=1; b=2' -A me -e http://b.test/ -u user:pass"#,
        "curl -sXPUT HOST --json '{}' -H 'Accept: text/html' -H 'X-Empty;' -H 'User-Agent:'",
        "curl -s -r 0-5 --oauth2-bearer token HOST",
    ] {
        let Some(sent) = sent_by_curl(command) else {
            assert!(std::env::var_os("CI").is_none(), "curl is missing");
            return;
        };
        let (head, expected_body) = sent.split_once("\r\n\r\n").unwrap();
        let mut lines: Vec<String> = head.lines().skip(1).map(|line| line.to_ascii_lowercase()).collect();
        let request = read_all(&command.replace("HOST", "localhost:1"));
        let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
        assert_eq!(head.lines().next().unwrap(), format!("{} {}{query} HTTP/1.1", request.method, request.path), "{command}");
        let own = |(name, value): (&str, &str)| format!("{name}: {value}").to_ascii_lowercase();
        let mut own: Vec<String> = request.headers.iter().map(own).collect();
        for list in [&mut lines, &mut own] {
            list.retain(|line| !line.starts_with("host:") && !line.starts_with("user-agent: curl"));
            list.iter_mut().for_each(|line| *line = line.trim_end().trim_end_matches(':').to_owned());
            list.sort();
        }
        assert_eq!(own, lines, "{command}");
        assert_eq!(body(&request), expected_body, "{command}");
    }
}
