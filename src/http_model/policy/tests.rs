//! Who gets in: tables of policies, callers and decisions.

use expect_test::expect;

use super::super::samples::moment;
use super::*;

const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:confirm";

fn to_url(principal: Principal, require_both: bool) -> AccessRequest {
    let auth_type = if principal == Principal::Anonymous { "NONE" } else { "AWS_IAM" };
    AccessRequest {
        principal,
        identity_policy: IdentityPolicy::Silent,
        actions: actions_of_function_url(require_both),
        resource: FUNCTION.into(),
        account_id: "123456789012".into(),
        function_url_auth_type: Some(auth_type.into()),
        invoked_via_function_url: true,
        source_ip: Some("127.0.0.1".into()),
        secure_transport: true,
        user_agent: Some("curl/8.9".into()),
        now: moment(),
    }
}

fn user(account_id: &str, name: &str) -> Principal {
    let arn = format!("arn:aws:iam::{account_id}:user/{name}");
    Principal::Identity { account_id: account_id.into(), arn, org_id: Some("o-abc".into()) }
}

fn statement(effect: &str, principal: &str, action: &str, condition: &str) -> String {
    format!(
        r#"{{"Sid":"s","Effect":"{effect}","Principal":{principal},"Action":"{action}","Resource":"{FUNCTION}","Condition":{condition}}}"#
    )
}

fn policy(statements: &[String]) -> Policy {
    Policy::parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))).expect("a policy")
}

#[test]
fn a_public_url_needs_both_permissions() {
    let both = public_url_statements(FUNCTION);
    for (statements, require_both, verdict) in [
        (both.clone(), true, Verdict::Allow),
        (both.clone(), false, Verdict::Allow),
        (both[..1].to_vec(), true, Verdict::ImplicitDeny),
        (both[..1].to_vec(), false, Verdict::Allow),
        (both[1..].to_vec(), true, Verdict::ImplicitDeny),
        (both[1..].to_vec(), false, Verdict::ImplicitDeny),
        (Vec::new(), true, Verdict::ImplicitDeny),
    ] {
        let count = statements.len();
        let decision = decide(&Policy { statements }, &to_url(Principal::Anonymous, require_both));
        assert_eq!(decision.verdict, verdict, "{count} statements, both: {require_both}");
    }
    let decision = decide(&Policy { statements: both[..1].to_vec() }, &to_url(Principal::Anonymous, true));
    let deciding = decision.deciding_action().expect("an action");
    assert_eq!((deciding.action.as_str(), &deciding.decided_by), (INVOKE_FUNCTION, &DecidedBy::Nothing));
    let mismatch = deciding.statements[0].mismatch.as_deref();
    assert_eq!(mismatch, Some("is about lambda:InvokeFunctionUrl, not lambda:InvokeFunction"));
}

#[test]
fn the_public_statements_do_not_open_other_doors() {
    let policy = Policy { statements: public_url_statements(FUNCTION) };
    let mut direct = to_url(user("999999999999", "eve"), true);
    (direct.actions, direct.invoked_via_function_url) = (vec![INVOKE_FUNCTION.into()], false);
    direct.function_url_auth_type = None;
    let decision = decide(&policy, &direct);
    assert_eq!(decision.verdict, Verdict::ImplicitDeny);
    let mismatch = decision.actions[0].statements[1].mismatch.as_deref();
    assert_eq!(mismatch, Some(r#"Bool lambda:InvokedViaFunctionUrl: wants "true", the request has no such key"#));
    let signed = decide(&policy, &to_url(user("999999999999", "eve"), true));
    let mismatch = signed.actions[0].statements[0].mismatch.as_deref();
    assert_eq!(mismatch, Some(r#"StringEquals lambda:FunctionUrlAuthType: wants "NONE", the request has "AWS_IAM""#));
}

#[test]
fn principals_fit() {
    let ada = user("123456789012", "ada");
    let session = Principal::Identity {
        account_id: "123456789012".into(),
        arn: "arn:aws:sts::123456789012:assumed-role/Reader/s1".into(),
        org_id: None,
    };
    let s3 = Principal::Service { name: "s3.amazonaws.com".into(), source_arn: None, source_account: None };
    for (pattern, principal, fits) in [
        (r#""*""#, Principal::Anonymous, true),
        (r#"{"AWS":"*"}"#, Principal::Anonymous, true),
        (r#"{"AWS":"123456789012"}"#, Principal::Anonymous, false),
        (r#"{"AWS":"123456789012"}"#, ada.clone(), true),
        (r#"{"AWS":"arn:aws:iam::123456789012:root"}"#, ada.clone(), true),
        (r#"{"AWS":["arn:aws:iam::1:user/x","arn:aws:iam::123456789012:user/ada"]}"#, ada.clone(), true),
        (r#"{"AWS":"arn:aws:iam::123456789012:user/bob"}"#, ada.clone(), false),
        (r#"{"AWS":"arn:aws:iam::123456789012:role/team/Reader"}"#, session.clone(), true),
        (r#"{"AWS":"arn:aws:iam::123456789012:role/Writer"}"#, session.clone(), false),
        (r#"{"AWS":"arn:aws:iam::999999999999:role/Reader"}"#, session, false),
        (r#"{"Service":"s3.amazonaws.com"}"#, s3.clone(), true),
        (r#"{"Service":"sns.amazonaws.com"}"#, s3, false),
        (r#"{"Service":"s3.amazonaws.com"}"#, ada, false),
    ] {
        let policy = policy(&[statement("Allow", pattern, "lambda:*", "{}")]);
        let expected = if fits { Verdict::Allow } else { Verdict::ImplicitDeny };
        let decision = decide(&policy, &to_url(principal.clone(), true));
        let allowed_but_for_account = decision.actions[0].decided_by == DecidedBy::MissingIdentityPolicy;
        assert!(decision.verdict == expected || allowed_but_for_account, "{pattern} {principal:?}");
    }
}

#[test]
fn conditions_hold_or_not() {
    let s3 = Principal::Service {
        name: "s3.amazonaws.com".into(),
        source_arn: Some("arn:aws:s3:::uploads".into()),
        source_account: Some("123456789012".into()),
    };
    for (condition, holds) in [
        ("{}", true),
        (r#"{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::up*"}}"#, true),
        (r#"{"ArnEquals":{"aws:SourceArn":"arn:aws:s3:::other"}}"#, false),
        (r#"{"ArnNotLike":{"aws:SourceArn":"arn:aws:s3:::other"}}"#, true),
        (r#"{"StringEquals":{"aws:sourceaccount":["1","123456789012"]}}"#, true),
        (r#"{"StringEquals":{"aws:SourceAccount":"1"}}"#, false),
        (r#"{"StringNotEquals":{"aws:SourceAccount":["1","123456789012"]}}"#, false),
        (r#"{"StringEquals":{"aws:PrincipalOrgID":"o-abc"}}"#, false),
        (r#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-abc"}}"#, true),
        (r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-abc"}}"#, true),
        (r#"{"Null":{"aws:PrincipalOrgID":"true"}}"#, true),
        (r#"{"Null":{"aws:SourceArn":true}}"#, false),
        (r#"{"Null":{"aws:SourceArn":"false"}}"#, true),
        (r#"{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}"#, true),
        (r#"{"NotIpAddress":{"aws:SourceIp":"127.0.0.0/8"}}"#, false),
        (r#"{"Bool":{"lambda:InvokedViaFunctionUrl":true}}"#, true),
        (r#"{"StringLike":{"lambda:FunctionUrlAuthType":"AWS_*"}}"#, true),
        (r#"{"DateLessThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}}"#, false),
        (r#"{"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}}"#, true),
        (r#"{"StringEquals":{"aws:Unknown":"x"}}"#, false),
        (r#"{"ArnLike":{"AWS:SourceArn":"*"},"StringEquals":{"aws:SourceAccount":"1"}}"#, false),
    ] {
        let policy = policy(&[statement("Allow", r#""*""#, "lambda:Invoke*", condition)]);
        let decision = decide(&policy, &to_url(s3.clone(), true));
        assert_eq!(decision.verdict == Verdict::Allow, holds, "{condition}");
    }
}

#[test]
fn a_deny_wins_and_accounts_differ() {
    let allow = statement("Allow", r#""*""#, "lambda:InvokeFunctionUrl", "{}");
    let deny = statement("Deny", r#""*""#, "LAMBDA:invoke*", r#"{"IpAddress":{"aws:SourceIp":"127.0.0.1"}}"#);
    let decision = decide(&policy(&[allow.clone(), deny]), &to_url(Principal::Anonymous, false));
    assert_eq!(decision.verdict, Verdict::ExplicitDeny);
    assert_eq!(decision.actions[0].decided_by, DecidedBy::Statement { index: 1, sid: "s".into() });
    let (own, other) = (user("123456789012", "ada"), user("999999999999", "eve"));
    for (statements, principal, identity_policy, verdict, decided_by) in [
        (vec![], &own, IdentityPolicy::Allows, Verdict::Allow, DecidedBy::IdentityPolicy),
        (vec![], &own, IdentityPolicy::Silent, Verdict::ImplicitDeny, DecidedBy::Nothing),
        (vec![], &other, IdentityPolicy::Allows, Verdict::ImplicitDeny, DecidedBy::Nothing),
        (vec![allow.clone()], &other, IdentityPolicy::Silent, Verdict::ImplicitDeny, DecidedBy::MissingIdentityPolicy),
        (vec![allow], &other, IdentityPolicy::Allows, Verdict::Allow, DecidedBy::Statement { index: 0, sid: "s".into() }),
    ] {
        let request = AccessRequest { identity_policy, ..to_url(principal.clone(), false) };
        let decision = decide(&policy(&statements), &request);
        assert_eq!((decision.verdict, &decision.actions[0].decided_by), (verdict, &decided_by), "{principal:?}");
    }
}

#[test]
fn statements_are_written_as_lambda_writes_them() {
    let mut statements = public_url_statements(FUNCTION);
    statements.push(
        AddPermission {
            statement_id: "bucket".into(),
            action: INVOKE_FUNCTION.into(),
            principal: "s3.amazonaws.com".into(),
            source_arn: Some("arn:aws:s3:::uploads".into()),
            source_account: Some("123456789012".into()),
            ..AddPermission::default()
        }
        .statement(FUNCTION),
    );
    let policy = Policy { statements };
    let json = policy.to_json();
    assert_eq!(Policy::parse(&json.to_string()), Ok(policy));
    expect![[r#"
        {
          "Version": "2012-10-17",
          "Id": "default",
          "Statement": [
            {
              "Sid": "FunctionURLAllowPublicAccess",
              "Effect": "Allow",
              "Principal": "*",
              "Action": "lambda:InvokeFunctionUrl",
              "Resource": "arn:aws:lambda:us-east-1:123456789012:function:confirm",
              "Condition": {
                "StringEquals": {
                  "lambda:FunctionUrlAuthType": "NONE"
                }
              }
            },
            {
              "Sid": "FunctionURLInvokeAllowPublicAccess",
              "Effect": "Allow",
              "Principal": "*",
              "Action": "lambda:InvokeFunction",
              "Resource": "arn:aws:lambda:us-east-1:123456789012:function:confirm",
              "Condition": {
                "Bool": {
                  "lambda:InvokedViaFunctionUrl": "true"
                }
              }
            },
            {
              "Sid": "bucket",
              "Effect": "Allow",
              "Principal": {
                "Service": "s3.amazonaws.com"
              },
              "Action": "lambda:InvokeFunction",
              "Resource": "arn:aws:lambda:us-east-1:123456789012:function:confirm",
              "Condition": {
                "StringEquals": {
                  "AWS:SourceAccount": "123456789012"
                },
                "ArnLike": {
                  "AWS:SourceArn": "arn:aws:s3:::uploads"
                }
              }
            }
          ]
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&json).expect("JSON"));
}

#[test]
fn a_policy_is_read_as_get_policy_prints_it() {
    let document = policy(&[statement("Allow", r#""*""#, "lambda:InvokeFunction", "{}")]);
    let printed = serde_json::json!({ "Policy": document.to_json().to_string(), "RevisionId": "x" });
    assert_eq!(Policy::parse(&printed.to_string()), Ok(document));
    assert_eq!(Policy::parse(r#"{"Policy":"{}"}"#).expect_err("no statement").to_string(), r#"policy: has no "Statement""#);
}

#[test]
fn one_of_the_two_permissions_is_half_a_door() {
    let other = r#"{"AWS":"arn:aws:iam::210987654321:root"}"#;
    let own = r#"{"AWS":"arn:aws:iam::123456789012:user/ada"}"#;
    let allow = |principal, action| statement("Allow", principal, action, "{}");
    for (statements, expected) in [
        (vec![allow(other, INVOKE_FUNCTION_URL)], 1),
        (vec![allow(other, INVOKE_FUNCTION_URL), allow(other, INVOKE_FUNCTION_URL)], 1),
        (vec![allow(other, INVOKE_FUNCTION_URL), statement("Deny", other, INVOKE_FUNCTION, "{}")], 1),
        (vec![allow(other, INVOKE_FUNCTION_URL), allow(own, INVOKE_FUNCTION)], 1),
        (vec![allow(other, INVOKE_FUNCTION_URL), allow(other, INVOKE_FUNCTION)], 0),
        (vec![allow(other, INVOKE_FUNCTION_URL), allow(r#""*""#, INVOKE_FUNCTION)], 0),
        (vec![allow(other, "lambda:Invoke*")], 0),
        (vec![allow(own, INVOKE_FUNCTION_URL)], 0),
        (vec![allow(other, INVOKE_FUNCTION)], 0),
    ] {
        assert_eq!(half_open(&policy(&statements).statements, "123456789012").len(), expected, "{statements:?}");
    }
}

#[test]
fn wrong_policies_name_the_place() {
    for (text, expected) in [
        ("{", "policy: is not JSON: EOF while parsing an object at line 1 column 1"),
        ("{}", r#"policy: has no "Statement""#),
        (r#"{"Statement":[1]}"#, "Statement[0]: is not an object"),
        (r#"{"Statement":{"Effect":"allow"}}"#, r#"Statement[0].Effect: must be "Allow" or "Deny""#),
        (r#"{"Statement":[{"Effect":"Allow"}]}"#, r#"Statement[0]: has no "Principal""#),
        (
            r#"{"Statement":[{"Effect":"Allow","NotAction":"x"}]}"#,
            "Statement[0].NotAction: is not supported; a statement has Sid, Effect, Principal, Action, Resource, Condition",
        ),
        (
            r#"{"Statement":[{"Effect":"Allow","Principal":"x","Action":"a","Resource":"r"}]}"#,
            r#"Statement[0].Principal: must be "*" or an object such as { "Service": "s3.amazonaws.com" }"#,
        ),
        (
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":{},"Resource":"r"}]}"#,
            "Statement[0].Action: must be a text or an array of texts",
        ),
    ] {
        assert_eq!(Policy::parse(text).expect_err(text).to_string(), expected);
    }
    let text = format!(r#"{{"Statement":{}}}"#, statement("Allow", r#""*""#, "a", r#"{"StringEqual":{"a":"b"}}"#));
    assert!(
        Policy::parse(&text)
            .expect_err("an operator")
            .to_string()
            .starts_with("Statement[0].Condition.StringEqual: is not a supported operator")
    );
}

#[test]
fn every_known_key_has_a_value_in_some_request() {
    let service = Principal::Service {
        name: "apigateway.amazonaws.com".into(),
        source_arn: Some("arn:aws:execute-api:us-east-1:111122223333:a/prod/GET/".into()),
        source_account: Some("111122223333".into()),
    };
    let arn = "arn:aws:iam::111122223333:user/ada".to_owned();
    let member = Principal::Identity { account_id: "111122223333".into(), arn, org_id: Some("o-1".into()) };
    let requests = [to_url(service, true), to_url(member, true)];
    for key in super::caller::KEYS {
        assert!(is_known_key(&key.to_ascii_uppercase()), "{key}");
        assert!(requests.iter().any(|request| request.value_of(key).is_some()), "{key}");
    }
    assert!(!is_known_key("aws:PrincipalTag/team") && requests[0].value_of("aws:PrincipalTag/team").is_none());
}
