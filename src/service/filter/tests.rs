//! Every rule of the table, and that no pattern and no record makes the matcher panic.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

const RECORD: &str =
    r#"{"messageId":"m-1","attributes":{"SenderId":"shop"},"messageAttributes":{"kind":{"stringValue":"gold"}}}"#;

fn criteria(patterns: &[&str]) -> FilterCriteria {
    FilterCriteria::new(patterns.iter().map(|pattern| Filter::new(pattern).unwrap()).collect())
}

fn matches(pattern: &str, body: &str) -> bool {
    criteria(&[pattern]).check(body, RECORD).is_ok()
}

/// Values of the field `a` of a JSON body that match, and some that do not.
fn check_values(list: &str, matching: &[&str], others: &[&str]) {
    let pattern = format!("{{\"body\":{{\"a\":{list}}}}}");
    for (values, expected) in [(matching, true), (others, false)] {
        for value in values {
            assert_eq!(matches(&pattern, &format!("{{\"a\":{value},\"z\":[{{}}]}}")), expected, "{list} and {value}");
        }
    }
}

#[test]
fn exact_values_are_compared_character_by_character() {
    check_values(r#"["x"]"#, &[r#""x""#, r#""\u0078""#], &[r#""X""#, r#""xx""#, "null", r#"{"x":"x"}"#]);
    check_values("[true]", &["true"], &["false", r#""true""#]);
    check_values("[false]", &["false"], &["true", "null"]);
    // Numbers, too: these are the same number, and different texts.
    check_values("[300]", &["300", "[1,300]"], &["300.0", "3.0e2", r#""300""#]);
    check_values("[3.0e2]", &["3.0e2"], &["300"]);
    check_values("[12345678901234567891]", &["12345678901234567891"], &["12345678901234567890"]);
}

#[test]
fn null_and_the_empty_text_are_values() {
    check_values("[null]", &["null"], &[r#""""#, "0", r#""null""#]);
    check_values(r#"[""]"#, &[r#""""#], &["null", r#"" ""#]);
}

#[test]
fn a_list_of_values_is_an_or() {
    check_values(r#"["x",5,null]"#, &[r#""x""#, "5", "null"], &[r#""y""#, "6"]);
    check_values(r#"["x",{"prefix":"y"}]"#, &[r#""x""#, r#""yz""#], &[r#""xy""#]);
}

#[test]
fn operators() {
    check_values(r#"[{"prefix":"us-"}]"#, &[r#""us-east-1""#, r#""us-""#], &[r#""eu-us-""#, "5", r#""US-1""#]);
    check_values(r#"[{"suffix":".png"}]"#, &[r#""a.png""#], &[r#""a.png2""#, r#""a.PNG""#, "null"]);
    check_values(r#"[{"equals-ignore-case":"Äpfel"}]"#, &[r#""äPFEL""#, r#""Äpfel""#], &[r#""apfel""#, r#""äpfel ""#]);
    check_values(r#"[{"anything-but":["x","y"]}]"#, &[r#""z""#, "5", "null", r#"["x","z"]"#], &[r#""x""#, r#""y""#, "[]", "{}"]);
    check_values(r#"[{"anything-but":"x"}]"#, &[r#""z""#], &[r#""x""#]);
    check_values(r#"[{"anything-but":[5,6]}]"#, &["7", r#""5""#, "5.0"], &["5", "6"]);
    check_values(r#"[{"exists":true}]"#, &["null", "5", r#""""#, "[[1]]"], &["{}", r#"{"b":1}"#, "[]", "[{}]"]);
    check_values(r#"[{"exists":false}]"#, &["{}", "[]"], &["null", "5", "[5]"]);
}

#[test]
fn numeric_compares_numbers_and_not_their_texts() {
    check_values(r#"[{"numeric":[">",100]}]"#, &["100.000001", "5.0e9", "1e3"], &["100", "1.0e2", "-101", r#""101""#, "null"]);
    check_values(r#"[{"numeric":[">=",100]}]"#, &["100", "100.0", "1e2"], &["99.999999"]);
    check_values(r#"[{"numeric":["<",100]}]"#, &["-5.0e9", "99.9"], &["100"]);
    check_values(r#"[{"numeric":["<=",-1.5]}]"#, &["-1.5", "-2"], &["-1.4", "0"]);
    check_values(r#"[{"numeric":["=",300]}]"#, &["300", "300.0", "3.0e2"], &["301"]);
    check_values(r#"[{"numeric":[">",10,"<=",20]}]"#, &["10.5", "20", "[5,15]"], &["10", "20.1", "[5,25]"]);
    // Beyond what numeric compares.
    check_values(r#"[{"numeric":[">",0]}]"#, &["5000000000"], &["5000000001", "1e300", "0.0000001", "1.2345678"]);
}

#[test]
fn keys_of_a_pattern_are_an_and_and_others_are_ignored() {
    let pattern = r#"{"body":{"a":["x"],"b":{"c":[1]}}}"#;
    assert!(matches(pattern, r#"{"z":0,"b":{"c":1,"d":2},"a":"x"}"#));
    for body in [r#"{"a":"x"}"#, r#"{"a":"x","b":{}}"#, r#"{"a":"x","b":1}"#, r#"{"a":"y","b":{"c":1}}"#, r#"{"b":{"c":1}}"#] {
        assert!(!matches(pattern, body), "{body}");
    }
}

#[test]
fn of_a_key_that_stands_twice_the_last_one_wins() {
    assert!(matches(r#"{"body":{"a":["x"],"a":["y"]}}"#, r#"{"a":"y"}"#));
    assert!(!matches(r#"{"body":{"a":["x"],"a":["y"]}}"#, r#"{"a":"x"}"#));
    assert!(matches(r#"{"body":{"a":["y"]}}"#, r#"{"a":"x","a":"y"}"#));
}

#[test]
fn or_goes_over_keys_at_every_level() {
    let inside = r#"{"body":{"$or":[{"a":["x"]},{"b":[{"numeric":["<",5]}]}],"c":[1]}}"#;
    assert!(matches(inside, r#"{"a":"x","c":1}"#) && matches(inside, r#"{"b":4,"c":1}"#));
    assert!(!matches(inside, r#"{"a":"x"}"#) && !matches(inside, r#"{"a":"y","b":5,"c":1}"#));
    let outside = r#"{"$or":[{"body":{"a":["x"]}},{"messageAttributes":{"kind":{"stringValue":["gold"]}}}]}"#;
    assert!(matches(outside, "plain"), "the attribute is right");
    assert!(!matches(&outside.replace("gold", "silver"), "plain"));
    assert!(matches(&outside.replace("gold", "silver"), r#"{"a":"x"}"#));
}

#[test]
fn a_field_that_must_not_exist_may_be_missing_at_any_level() {
    let pattern = r#"{"body":{"a":{"b":[{"exists":false}]}}}"#;
    assert!(["{}", r#"{"a":1}"#, r#"{"a":{}}"#, r#"{"a":{"c":1}}"#].iter().all(|body| matches(pattern, body)));
    assert!(!matches(pattern, r#"{"a":{"b":1}}"#));
    assert!(matches(r#"{"body":{"a":[{"exists":false},"x"]}}"#, r#"{"a":"x"}"#));
}

#[test]
fn an_element_of_a_list_is_enough() {
    let pattern = r#"{"body":{"items":{"sku":["x"],"count":[{"numeric":[">",1]}]}}}"#;
    assert!(matches(pattern, r#"{"items":[{"sku":"y"},[{"sku":"x","count":2}]]}"#));
    assert!(!matches(pattern, r#"{"items":[{"sku":"x","count":1},{"sku":"y","count":2}]}"#), "one element has both");
    assert!(matches(r#"{"body":{"a":["x"]}}"#, r#"[{"a":"x"}]"#), "the body itself, too");
}

#[test]
fn body_and_pattern_are_both_json_or_both_plain_text() {
    let (text, json, metadata) = (r#"{"body":["hello"]}"#, r#"{"body":{"a":["x"]}}"#, r#"{"attributes":{"SenderId":["shop"]}}"#);
    for (pattern, body, expected) in [
        (text, "hello", true),
        (text, "bye", false),
        (text, "\"hello\"", false),
        (r#"{"body":[12]}"#, "12", false),
        (r#"{"body":[{"exists":true}]}"#, "hello", true),
        (r#"{"body":[{"exists":true}]}"#, "{}", false),
        (json, "hello", false),
        (json, r#"{"a":"x"}"#, true),
        (json, r#"{"a":"x"} and more"#, false),
        (json, r#""a""#, false),
        (metadata, "hello", true),
        (metadata, r#"{"a":"x"}"#, true),
        (r#"{"attributes":{"SenderId":["mill"]}}"#, "hello", false),
        (r#"{"attributes":{"SenderId":["shop"]},"body":["hello"]}"#, "hello", true),
        (r#"{"attributes":{"SenderId":["shop"]},"body":["hello"]}"#, "{}", false),
        (r#"{"attributes":{"body":["hello"]}}"#, "hello", false),
    ] {
        assert_eq!(matches(pattern, body), expected, "{pattern} and {body}");
    }
}

#[test]
fn one_filter_of_several_is_enough() {
    let two = criteria(&[r#"{"body":{"a":["x"]}}"#, r#"{"body":["hello"]}"#]);
    assert!(two.check(r#"{"a":"x"}"#, RECORD).is_ok() && two.check("hello", RECORD).is_ok());
    assert!(two.check("bye", RECORD).is_err());
    assert!(FilterCriteria::default().check("anything", RECORD).is_ok(), "no filter lets everything through");
}

fn check_told(patterns: &[&str], body: &str, expected: &Expect) {
    let told: Vec<String> =
        criteria(patterns).check(body, RECORD).unwrap_err().iter().map(|mismatch| format!("{mismatch}\n")).collect();
    expected.assert_eq(&told.concat());
}

#[test]
fn what_does_not_match_is_told_exactly() {
    let amount = r#"{"body":{"amount":[{"numeric":[">",100]}]}}"#;
    check_told(
        &[amount],
        r#"{"amount":12}"#,
        &expect![[r#"
        body.amount is 12, the filter wants > 100
    "#]],
    );
    check_told(
        &[amount],
        r#"{"amount":{"value":12}}"#,
        &expect![[r#"
        body.amount is an object, the filter wants > 100
    "#]],
    );
    check_told(
        &[amount, r#"{"body":["a",{"prefix":"b"}]}"#],
        "hello",
        &expect![[r#"
        body is plain text, the filter wants JSON
        body is "hello", the filter wants "a" or text that begins with "b"
    "#]],
    );
    check_told(
        &[r#"{"messageAttributes":{"kind":{"stringValue":["silver",{"anything-but":["gold"]}]}}}"#],
        "hello",
        &expect![[r#"
            messageAttributes.kind.stringValue is "gold", the filter wants "silver" or anything but "gold"
        "#]],
    );
    let or = r#"{"body":{"$or":[{"a":[{"numeric":[">",1,"<",5]}]},{"b":{"c":[{"exists":false}]}},{"d":[{"equals-ignore-case":"X"}]}]}}"#;
    check_told(
        &[or],
        r#"{"a":[7,8],"b":{"c":null}}"#,
        &expect![[r#"
        body.a is [7,8], the filter wants > 1 and < 5
        body.b.c is null, the filter wants no such field
        body.d is missing, the filter wants "X" in any case
    "#]],
    );
    let items = r#"{"body":{"items":{"sku":["x"]}}}"#;
    check_told(
        &[items],
        r#"{"items":[{"sku":"y"},{"kind":1}]}"#,
        &expect![[r#"
        body.items[0].sku is "y", the filter wants "x"
        body.items[1].sku is missing, the filter wants "x"
    "#]],
    );
    let many = format!(r#"{{"items":[{}]}}"#, [r#"{"sku":"y"}"#; 500].join(","));
    assert_eq!(criteria(&[items]).check(&many, RECORD).unwrap_err().len(), mismatch::TOLD);
    check_told(
        &[r#"{"body":{"a":["x"]}}"#],
        &format!(r#"{{"a":"{}"}}"#, "ä".repeat(500)),
        &expect![[r#"
        body.a is "ääääääääääääääääääääääääääääääääääääääää…", the filter wants "x"
    "#]],
    );
}

#[test]
fn bad_patterns_are_refused_where_they_go_wrong() {
    let refused = |pattern: &str| {
        let error = Filter::new(pattern).unwrap_err();
        let shown: String = pattern[error.at..].chars().take(12).collect();
        format!("{shown:<12} {}\n", error.reason)
    };
    let patterns = [
        "null",
        "simple string",
        r#""text""#,
        r#"{"body":{"a":["x"]}"#,
        r#"{"body":{"a":["x",]}}"#,
        "{}",
        r#"{"eventSource":"aws:sqs"}"#,
        r#"{"eventSource":[]}"#,
        r#"{"body":{"a":{}}}"#,
        r#"{"body":{"a":[["x"]]}}"#,
        r#"{"body":{"a":[{}]}}"#,
        r#"{"body":{"a":[{"prefix":"x","suffix":"y"}]}}"#,
        r#"{"body":{"a":[{"prefx":"x"}]}}"#,
        r#"{"body":{"a":[{"prefix":5}]}}"#,
        r#"{"body":{"a":[{"exists":"yes"}]}}"#,
        r#"{"body":{"a":[{"wildcard":"*x"}]}}"#,
        r#"{"body":{"a":[{"anything-but":["x",5]}]}}"#,
        r#"{"body":{"a":[{"anything-but":[]}]}}"#,
        r#"{"body":{"a":[{"anything-but":{"prefix":"x"}}]}}"#,
        r#"{"body":{"a":[{"numeric":[">"]}]}}"#,
        r#"{"body":{"a":[{"numeric":[">","10"]}]}}"#,
        r#"{"body":{"a":[{"numeric":["<",10,">",5]}]}}"#,
        r#"{"body":{"a":[{"numeric":[">",10,"<",5]}]}}"#,
        r#"{"body":{"a":[{"numeric":["!=",10]}]}}"#,
        r#"{"body":{"a":[{"numeric":[">",5000000001]}]}}"#,
        r#"{"body":{"a":[{"numeric":[">",0.0000001]}]}}"#,
        r#"{"body":{"$or":[{"a":["x"]}]}}"#,
        r#"{"body":{"$or":[{"a":["x"]},"b"]}}"#,
        r#"{"body":["\ud800"]}"#,
    ];
    let told: Vec<String> = patterns.iter().map(|pattern| refused(pattern)).collect();
    expect![[r#"
        null         A pattern is an object, such as {"body":{"status":["paid"]}}
        simple strin It is no JSON from here on
        "text"       A pattern is an object, such as {"body":{"status":["paid"]}}
        }            Its JSON ends too early
        ]}}          It is no JSON from here on
        {}           The pattern is an object without a field
        "aws:sqs"}   What eventSource may be stands in a list: ["aws:sqs"]
        []}          The list of eventSource is empty, so nothing would match it
        {}}}         body.a is an object without a field
        ["x"]]}}     The list of body.a holds a list
        {}]}}        An entry of body.a holds one operator, such as {"prefix":"a"}
        {"prefix":"x An entry of body.a holds one operator, such as {"prefix":"a"}
        "x"}]}}      "prefx" is no operator; there are anything-but, equals-ignore-case, exists, numeric, prefix and suffix
        5}]}}        prefix takes a text, such as {"prefix":"a"}
        "yes"}]}}    exists takes true or false
        "*x"}]}}     wildcard is an operator of EventBridge; Lambda lists anything-but, equals-ignore-case, exists, numeric, prefix and suffix for mappings
        ["x",5]}]}}  anything-but takes a text or a number, or a list of either
        []}]}}       anything-but takes a text or a number, or a list of either
        {"prefix":"x anything-but with an operator in it is of EventBridge; Lambda lists it with texts and numbers only
        [">"]}]}}    numeric takes one comparison, such as [">",10], or a lower and an upper one, such as [">",10,"<=",20]
        [">","10"]}] numeric takes one comparison, such as [">",10], or a lower and an upper one, such as [">",10,"<=",20]
        ["<",10,">", numeric takes one comparison, such as [">",10], or a lower and an upper one, such as [">",10,"<=",20]
        [">",10,"<", The lower bound 10 is not below the upper one, 5
        ["!=",10]}]} numeric takes one comparison, such as [">",10], or a lower and an upper one, such as [">",10,"<=",20]
        5000000001]} numeric compares numbers from -5.0e9 to 5.0e9
        0.0000001]}] numeric compares numbers of up to 15 digits, 6 of them behind the decimal point
        [{"a":["x"]} $or takes a list of two or more objects, such as [{"a":["x"]},{"b":["y"]}]
        "b"]}}       $or takes a list of two or more objects, such as [{"a":["x"]},{"b":["y"]}]
        "\ud800"]}   It holds half a surrogate pair
    "#]].assert_eq(&told.concat());
}

#[test]
fn a_pattern_has_4096_characters_at_most() {
    let pattern = |length: usize| format!("{{\"body\":[\"{}\"]}}", "ä".repeat(length - 13));
    assert!(Filter::new(&pattern(4_096)).is_ok());
    let error = Filter::new(&pattern(4_097)).unwrap_err();
    assert_eq!(error.to_string(), "Invalid filter pattern definition. It has 4097 characters, and a pattern may have 4096");
}

#[test]
fn depth_has_a_limit_on_both_sides() {
    let nested = |depth: usize| format!("{}[\"x\"]{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    assert!(Filter::new(&nested(matching::DEEPEST)).is_ok());
    assert!(Filter::new(&nested(matching::DEEPEST + 1)).unwrap_err().reason.contains("deeper than"));
    let lists = format!("{}1{}", "[".repeat(400_000), "]".repeat(400_000));
    assert!(!matches(r#"{"body":{"a":["x"]}}"#, &lists));
    assert!(!matches(r#"{"body":{"a":["x"]}}"#, &format!("{{\"a\":{lists}}}")));
}

/// Bits of patterns and bodies, in any order: most are no JSON, many are.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(
        &[
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\"body\":",
            "\"a\":",
            "\"$or\":",
            "\"numeric\":",
            "\">\",",
            "\"prefix\":",
            "\"x\"",
            "1e9",
            "-5.0",
            "null",
            "\"\\ud800\"",
            "\"exists\":true",
            "\"anything-but\":",
            "\u{e4}",
        ][..],
    );
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn json(depth: u32) -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        prop::sample::select(&["x", "", ">", "<=", "=", "ä"][..]).prop_map(Into::into),
    ];
    leaf.prop_recursive(depth, 40, 4, |inner| {
        let name = prop::sample::select(
            &["body", "a", "$or", "numeric", "prefix", "suffix", "exists", "anything-but", "equals-ignore-case"][..],
        );
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::vec((name, inner), 0..3)
                .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_is_written_makes_it_panic(pattern in pieces(), body in pieces(), record in pieces()) {
        match Filter::new(&pattern) {
            Ok(filter) => drop(FilterCriteria::new(vec![filter]).check(&body, &record)),
            Err(error) => prop_assert!(pattern.is_char_boundary(error.at), "{} of {pattern}", error.at),
        }
    }

    #[test]
    fn what_is_not_let_through_is_told(pattern in json(4), body in json(4)) {
        if let Ok(filter) = Filter::new(&pattern.to_string()) {
            let outcome = FilterCriteria::new(vec![filter]).check(&body.to_string(), RECORD);
            prop_assert!(outcome.is_ok() || outcome.is_err_and(|mismatches| (1..=mismatch::TOLD).contains(&mismatches.len())));
        }
    }
}
