//! Properties that hold for junk as well: nothing panics, and no header value carries a line break.

use bytes::Bytes;
use proptest::prelude::*;

use super::door::Door;
use super::event_from_request::{
    HttpApiMatch, LoadBalancerTarget, PayloadFormat, RestMatch, function_url_event, http_api_event, load_balancer_event,
    rest_api_event,
};
use super::field_note::Trace;
use super::message::{HttpRequest, HttpResponse};
use super::response_from_result::{
    INTEGRATION_RESPONSE, StreamPart, StreamedResponse, function_url_response, http_api_response, load_balancer_response,
    rest_api_response,
};
use super::samples::{answer_context, door_context, request};

/// JSON values of the kinds that results are made of, right and wrong.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        (100..600_i32).prop_map(|n| n.to_string()),
        any::<f64>().prop_map(|n| serde_json::json!(n).to_string()),
        any::<String>().prop_map(|text| serde_json::json!(text).to_string()),
        "[a-z]{1,5}\r\n[A-Z]{1,5}: x".prop_map(|text| serde_json::json!(text).to_string()),
        prop::collection::vec((any::<String>(), any::<String>()), 0..4).prop_map(|pairs| {
            let members: serde_json::Map<_, _> = pairs.into_iter().map(|(name, value)| (name, value.into())).collect();
            serde_json::Value::Object(members).to_string()
        }),
        prop::collection::vec("[a-z=;\r\n]{0,8}", 0..3).prop_map(|texts| serde_json::json!(texts).to_string()),
        prop::collection::vec(("[a-zA-Z-]{1,8}", prop::collection::vec("[ -~\r\n]{0,8}", 0..3)), 0..3).prop_map(|pairs| {
            let members: serde_json::Map<_, _> = pairs.into_iter().map(|(name, values)| (name, values.into())).collect();
            serde_json::Value::Object(members).to_string()
        }),
    ]
}

fn result() -> impl Strategy<Value = Vec<u8>> {
    let member = prop_oneof![
        Just("statusCode"),
        Just("headers"),
        Just("multiValueHeaders"),
        Just("cookies"),
        Just("body"),
        Just("isBase64Encoded"),
    ];
    let object = prop::collection::vec((member, value()), 0..6).prop_map(|members| {
        let members: Vec<String> = members.into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", members.join(",")).into_bytes()
    });
    prop_oneof![4 => object, 1 => value().prop_map(String::into_bytes), 1 => any::<Vec<u8>>()]
}

fn safe(response: &HttpResponse) -> bool {
    (100..600).contains(&response.status)
        && response.headers.iter().all(|(name, value)| !name.is_empty() && !value.contains(['\r', '\n', '\0']))
}

proptest! {
    #[test]
    fn any_result_gives_a_safe_response(result in result()) {
        let context = answer_context();
        for outcome in [
            function_url_response(&result, &context, &mut Trace::kept()),
            rest_api_response(&result, &context, &mut Trace::kept()),
            http_api_response(&result, PayloadFormat::One, &context, &mut Trace::kept()),
            http_api_response(&result, PayloadFormat::Two, &context, &mut Trace::kept()),
            load_balancer_response(&result, &context, &mut Trace::kept()),
        ] {
            prop_assert!(safe(&outcome.response), "{:?}", outcome.response);
        }
    }

    #[test]
    fn any_stream_gives_one_safe_head(prelude in result(), body in any::<Vec<u8>>(), cut in 0..64_usize) {
        let whole = [prelude, vec![0; 8], body].concat();
        let mut stream = StreamedResponse::new(Door::FunctionUrl, Some(INTEGRATION_RESPONSE), answer_context());
        let (first, second) = whole.split_at(cut.min(whole.len()));
        let mut parts = stream.feed(Bytes::copy_from_slice(first));
        parts.extend(stream.feed(Bytes::copy_from_slice(second)));
        parts.extend(stream.end());
        let heads: Vec<_> = parts.iter().filter_map(|part| match part {
            StreamPart::Head(head, _) => Some(head),
            StreamPart::Body(_) => None,
        }).collect();
        prop_assert!(matches!(parts.first(), Some(StreamPart::Head(..))));
        prop_assert!(heads.len() == 1 && safe(&heads[0].response));
    }

    #[test]
    fn any_request_gives_an_event(
        method in "[A-Z]{1,7}", path in any::<String>(), query in any::<String>(),
        headers in prop::collection::vec(("[a-zA-Z-]{0,12}", any::<String>()), 0..6), body in any::<Vec<u8>>(),
    ) {
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let request = HttpRequest { path, query, headers: headers.collect(), body: body.into(), ..request(&method, "/", &[], b"") };
        let context = door_context();
        let target = LoadBalancerTarget { multi_value_headers: request.body.len().is_multiple_of(2), ..LoadBalancerTarget::default() };
        for built in [
            function_url_event(&request, &context, &mut Trace::kept()),
            rest_api_event(&request, &context, &RestMatch::default(), &mut Trace::kept()),
            http_api_event(&request, &context, &HttpApiMatch::default(), PayloadFormat::One, &mut Trace::kept()),
            http_api_event(&request, &context, &HttpApiMatch::default(), PayloadFormat::Two, &mut Trace::kept()),
            load_balancer_event(&request, &context, &target, &mut Trace::kept()),
        ] {
            let event: serde_json::Value = serde_json::from_slice(&built.expect("small enough")).expect("an event is JSON");
            prop_assert!(event.is_object());
        }
    }
}
