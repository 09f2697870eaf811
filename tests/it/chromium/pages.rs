//! The pages that ask: one for each kind, with the script that carries a request out and tells what it saw.

use invokelab::http_model::browser::{HeaderList, WireResponse};

/// Carries a request out, as `fetch()` or XMLHttpRequest.
const SCRIPT: &str = r#"
const build = (body) => {
  if (!body) return undefined;
  if (body.kind === 'text') return body.value;
  if (body.kind === 'blob') return new Blob([body.value], { type: body.type || '' });
  if (body.kind === 'urlsearchparams') return new URLSearchParams(body.value);
  if (body.kind === 'arraybuffer') return new TextEncoder().encode(body.value).buffer;
  const form = new FormData(); form.append('a', body.value); return form;
};
const viaFetch = async (req) => {
  const init = { body: build(req.body) };
  for (const key of ['method', 'headers', 'mode', 'credentials', 'redirect', 'cache']) if (key in req) init[key] = req[key];
  const answer = await fetch(req.url, init);
  if (answer.type === 'opaque' || answer.type === 'opaqueredirect') { await answer.text(); return { outcome: answer.type }; }
  await answer.text();
  return { outcome: 'readable', status: answer.status, headers: [...answer.headers.keys()] };
};
const viaXhr = (req) => new Promise((resolve, reject) => {
  const xhr = new XMLHttpRequest();
  xhr.open(req.method ?? 'GET', req.url);
  xhr.withCredentials = req.credentials === 'include';
  for (const [name, value] of req.headers || []) xhr.setRequestHeader(name, value);
  if (req.api === 'xhr-upload') xhr.upload.onprogress = () => {};
  xhr.onerror = () => reject(new Error('xhr'));
  xhr.onload = () => {
    const lines = xhr.getAllResponseHeaders().split('\r\n').filter(Boolean);
    resolve({ outcome: 'readable', status: xhr.status, headers: [...new Set(lines.map((line) => line.split(':')[0]))] });
  };
  xhr.send(build(req.body));
});
const carryOut = async (req) => {
  try { return await (req.api ? viaXhr(req) : viaFetch(req)); } catch (error) { return { outcome: 'error', text: String(error) }; }
};
"#;

/// Answers the page around it.
const INNER: &str = "
onmessage = async ({ data, source }) => source.postMessage({ id: data.id, seen: await carryOut(data.req) }, '*');
parent.postMessage('ready', '*');
";

/// Hands requests to its frame, if it has one.
const OUTER: &str = "
window.ready = !document.querySelector('iframe');
const waiting = new Map();
onmessage = ({ data }) => {
  if (data === 'ready') window.ready = true; else waiting.get(data.id)(data.seen);
};
const pause = (wait) => new Promise((resolve) => setTimeout(resolve, wait));
const run = async (id, wait, req) => {
  if (wait) await pause(wait);
  const frame = document.querySelector('iframe');
  if (!frame) return carryOut(req);
  return new Promise((resolve) => { waiting.set(id, resolve); frame.contentWindow.postMessage({ id, req }, '*'); });
};
";

/// A document of our own: `/__page/KIND`.
pub fn page(path: &str) -> WireResponse {
    let Some(kind) = path.strip_prefix("/__page/") else {
        return WireResponse { status: 404, headers: HeaderList::from([("Content-Length", "0")]), body: String::new() };
    };
    let body = html(kind);
    let mut headers = HeaderList::from([("Content-Type", "text/html"), ("Cache-Control", "no-store")]);
    headers.append("Content-Length", body.len().to_string());
    if kind == "sandbox-csp" {
        headers.append("Content-Security-Policy", "sandbox allow-scripts");
    }
    WireResponse { status: 200, headers, body }
}

/// The text of a document.
pub fn html(kind: &str) -> String {
    let inner = format!("<!doctype html><script>{SCRIPT}{INNER}</script>");
    let frame = match kind {
        "sandbox-iframe" => format!("<iframe sandbox='allow-scripts' srcdoc=\"{}\"></iframe>", escaped(&inner)),
        "srcdoc-iframe" => format!("<iframe srcdoc=\"{}\"></iframe>", escaped(&inner)),
        "data-iframe" => format!("<iframe src=\"data:text/html,{}\"></iframe>", percent(&inner)),
        _ => String::new(),
    };
    format!("<!doctype html><link rel=icon href='data:,'><body>{frame}<script>{SCRIPT}{OUTER}</script></body>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;")
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}
