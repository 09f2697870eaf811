//! What a door takes before it looks any further (semantics 1.6, 6.1). The limit of the event itself is `EVENT_LIMIT`.

use super::answers::Failure;
use super::door::Door;
use super::message::HttpRequest;

/// Bytes of a request body; `None` if only the limit of the event counts.
#[must_use]
pub fn body_limit(door: Door) -> Option<usize> {
    match door {
        Door::FunctionUrl => None,
        Door::RestApi | Door::HttpApi => Some(10_485_760),
        Door::LoadBalancer => Some(1_048_576),
    }
}

/// Bytes of request line and headers; REST APIs and load balancers do not count the request line.
#[must_use]
pub fn header_limit(door: Door) -> usize {
    match door {
        Door::FunctionUrl => 1_048_576,
        Door::RestApi | Door::HttpApi => 10_240,
        Door::LoadBalancer => 65_536,
    }
}

/// Bytes of one line, of the request or of a header, at a load balancer.
const LOAD_BALANCER_LINE: usize = 16_384;

/// Checks a request against the limits of its door.
///
/// # Errors
/// The failure to answer with.
pub fn check(door: Door, request: &HttpRequest) -> Result<(), Failure> {
    let lines = request.headers.iter().map(|(name, value)| name.len() + value.len() + ": \r\n".len());
    let longest = lines.chain([request_line_bytes(request)]).max().unwrap_or(0);
    if header_bytes(door, request) > header_limit(door) || (door == Door::LoadBalancer && longest > LOAD_BALANCER_LINE) {
        return Err(Failure::HeadersTooLarge);
    }
    if body_limit(door).is_some_and(|limit| request.body.len() > limit) {
        return Err(Failure::RequestTooLarge);
    }
    Ok(())
}

/// Names and values, four bytes of punctuation a line, and the request line where it counts.
fn header_bytes(door: Door, request: &HttpRequest) -> usize {
    let lines: usize = request.headers.iter().map(|(name, value)| name.len() + value.len() + ": \r\n".len()).sum();
    match door {
        Door::FunctionUrl | Door::HttpApi => lines + request_line_bytes(request),
        Door::RestApi | Door::LoadBalancer => lines,
    }
}

fn request_line_bytes(request: &HttpRequest) -> usize {
    request.method.len() + request.path.len() + request.query.len() + request.protocol.len() + " ? \r\n".len()
}

#[cfg(test)]
mod tests {
    use super::super::samples::request;
    use super::*;

    #[test]
    fn requests_over_a_limit_are_refused() {
        let large_header = "a".repeat(10_241);
        let with_header = request("GET", "/", &[("x", &large_header)], b"");
        let larger_header = "a".repeat(16_384);
        let with_larger_header = request("GET", "/", &[("x", &larger_header)], b"");
        let longer_path = request("GET", &format!("/{}", "a".repeat(16_384)), &[], b"");
        let long_path = request("GET", &format!("/{}", "a".repeat(10_240)), &[], b"");
        let mut with_body = request("POST", "/", &[], b"");
        with_body.body = vec![0; 1_048_577].into();
        for (door, request, expected) in [
            (Door::FunctionUrl, &with_header, Ok(())),
            (Door::RestApi, &with_header, Err(Failure::HeadersTooLarge)),
            (Door::HttpApi, &with_header, Err(Failure::HeadersTooLarge)),
            (Door::LoadBalancer, &with_header, Ok(())),
            (Door::LoadBalancer, &with_larger_header, Err(Failure::HeadersTooLarge)),
            (Door::FunctionUrl, &with_larger_header, Ok(())),
            (Door::RestApi, &long_path, Ok(())),
            (Door::LoadBalancer, &long_path, Ok(())),
            (Door::LoadBalancer, &longer_path, Err(Failure::HeadersTooLarge)),
            (Door::HttpApi, &long_path, Err(Failure::HeadersTooLarge)),
            (Door::HttpApi, &with_body, Ok(())),
            (Door::LoadBalancer, &with_body, Err(Failure::RequestTooLarge)),
        ] {
            assert_eq!(check(door, request), expected, "{door:?}");
        }
    }
}
