//! Programs that speak the Runtime API themselves.

use super::{Environment, installed};
use crate::executor::environment::FromEnvironment;
use crate::executor::log_gate::{CUT, LINE_LIMIT};
use crate::service::input::Exit;
use crate::workspace::definition::Runtime;

/// Takes an event; `id`, `event` and `api` are set then.
const LOOP: &str = r#"
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
while :; do
  head=$(mktemp)
  event=$(curl -sS -D "$head" "$api/invocation/next")
  id=$(tr -d '\r' < "$head" | sed -n 's/^Lambda-Runtime-Aws-Request-Id: //p')
"#;

#[tokio::test]
async fn a_shell_script_with_curl_is_a_runtime() {
    if !installed("curl") {
        return;
    }
    let answer = r#"
  echo "event $event"
  printf '{"saw":%s}' "$event" | curl -sS --data-binary @- "$api/invocation/$id/response" >/dev/null
  curl -sS -o /dev/null -w '%{http_code}\n' -d 1 "$api/invocation/$id/response"
done
"#;
    let mut f = Environment::shell(&format!("{LOOP}{answer}")).ready().await;
    assert_eq!(f.invoke("{\"n\":1}").await.unwrap()["saw"]["n"], 1);
    assert_eq!(f.log, ["event {\"n\":1}", "400"], "a second answer is refused");
    assert!(f.found.is_none());
    let large = format!("\"{}\"", "x".repeat(100_000));
    assert_eq!(f.invoke(&large).await.unwrap()["saw"].as_str().unwrap().len(), 100_000);
}

#[tokio::test]
async fn junk_passes_as_lambda_passes_it_and_errors_are_wrapped() {
    if !installed("curl") {
        return;
    }
    let answer = r#"
  case $event in
    1) curl -sS -d 'not json' "$api/invocation/$id/response" ;;
    2) curl -sS -d 'not json' "$api/invocation/$id/error" ;;
    3) curl -sS -H 'Lambda-Runtime-Function-Error-Type: Function.Mine' -d '{"errorMessage":"m"}' "$api/invocation/$id/error" ;;
  esac >/dev/null
done
"#;
    let mut f = Environment::shell(&format!("{LOOP}{answer}")).ready().await;
    assert_eq!(f.answer("1").await.unwrap(), "not json");
    assert_eq!(
        f.invoke("2").await.unwrap_err(),
        serde_json::json!({ "errorType": "Runtime.Unknown", "errorMessage": "not json" })
    );
    let error = f.answer("3").await.unwrap_err();
    assert_eq!((&*error.error_type, &*error.message), ("Function.Mine", "m"));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_frozen_environment_stands_still_between_invokes() {
    if !installed("curl") {
        return;
    }
    let answer = "\n  curl -sS -d \"$event\" \"$api/invocation/$id/response\" >/dev/null\n  (i=0; while :; do i=$((i+1)); echo $i > ticks; sleep 0.01; done) &\ndone\n";
    let script = format!("#!/bin/sh\n{LOOP}{answer}");
    let mut f = Environment::start_with(Runtime::Command(Vec::new()), "", &[("bootstrap", &script)], |start| start.freeze = true);
    assert!(matches!(f.next().await, FromEnvironment::Ready));
    let ticks = f.folder.path().join("ticks");
    for n in ["1", "2", "3"] {
        assert_eq!(f.answer(n).await.unwrap(), n);
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let frozen = std::fs::read_to_string(&ticks).unwrap_or_default();
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        assert_eq!(std::fs::read_to_string(&ticks).unwrap_or_default(), frozen, "work in the background stands still");
    }
}

/// The head of an ELF file for a processor that nobody has.
const OTHER_PROCESSOR: &str = "\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x77\x77\x01\0\0\0";

#[tokio::test]
async fn what_cannot_start_names_the_repair() {
    let words = |words: &[&str]| Runtime::Command(words.iter().map(ToString::to_string).collect());
    for (runtime, expected) in [
        (words(&["no-such-program"]), "build it first"),
        (words(&["./missing"]), "build it first"),
        (words(&[]), "Couldn't find valid bootstrap(s)"),
        (words(&["./no-interpreter"]), "named in its first line"),
        (words(&["./other-processor"]), "is built for another system"),
        (words(&["./data/"]), "make it executable"),
    ] {
        let files = [("no-interpreter", "#!/nowhere/sh\n"), ("other-processor", OTHER_PROCESSOR), ("data/x", "")];
        let mut f = Environment::start(runtime, "", &files);
        let Exit::NotStarted { message, error_type } = f.exited().await else { panic!("{expected}") };
        assert!(message.contains(expected), "{message}");
        assert_eq!(&*error_type, "Runtime.InvalidEntrypoint");
    }
    let mut f = Environment::start_with(words(&[]), "", &[], |start| start.code = "/nowhere/at/all".into());
    let Exit::NotStarted { message, .. } = f.exited().await else { panic!("it started") };
    assert!(message.contains("/nowhere/at/all is missing; correct `code`"), "{message}");
}

#[tokio::test]
async fn a_hundred_megabytes_of_output_pass_in_bounded_pieces() {
    let line = "y".repeat(99);
    let mut f = Environment::shell(&format!(
        "head -c 10000000 /dev/zero | tr '\\0' 'x'\necho\nyes {line} | head -c 100000000\nyes '' | head -c 1000000\necho end"
    ));
    let (mut bytes, mut lines, mut longest, mut last) = (0, 0, 0, String::new());
    loop {
        match tokio::time::timeout(std::time::Duration::from_secs(60), f.reports.recv()).await.unwrap().unwrap().what {
            FromEnvironment::Log(batch) => {
                f.gate.arrive(&batch);
                bytes += batch.iter().map(|line| line.len()).sum::<usize>();
                longest = batch.iter().map(|line| line.len()).fold(longest, usize::max);
                lines += batch.len();
                last = batch.last().map(ToString::to_string).unwrap_or_default();
                assert!(f.reports.len() < 8, "the loop keeps up");
            }
            FromEnvironment::Exited(exit) => {
                assert_eq!(exit, Exit::Code(0));
                break;
            }
            _ => {}
        }
    }
    let cut = LINE_LIMIT + CUT.len();
    assert_eq!((bytes, longest, lines, last.as_str()), (cut + 99_000_000 + 3, cut, 2_000_002, "end"));
}

/// The loop is slow to take anything: the process waits a moment, then its lines are counted.
#[tokio::test]
async fn a_log_that_nobody_takes_holds_the_process_up_for_a_moment_only() {
    let mut f = Environment::shell("yes 0123456789 | head -c 110000000\nexit 0");
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert!(f.reports.len() < 1_024);
    let (mut lines, mut left_out) = (0, 0);
    loop {
        match tokio::time::timeout(std::time::Duration::from_secs(60), f.reports.recv()).await.unwrap().unwrap().what {
            FromEnvironment::Log(batch) => {
                let said =
                    batch.iter().filter_map(|line| line.strip_prefix('(')?.split_once(" more lines")?.0.parse::<usize>().ok());
                left_out += said.sum::<usize>();
                lines += batch.iter().filter(|line| ***line == *"0123456789").count();
            }
            FromEnvironment::Exited(exit) => break assert_eq!(exit, Exit::Code(0)),
            _ => {}
        }
    }
    assert_eq!(lines + left_out, 10_000_000);
    assert!(lines < 1_000_000, "{lines}");
}
