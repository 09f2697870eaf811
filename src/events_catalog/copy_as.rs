//! The invocation as a command that works when pasted into a terminal or a script.

use crate::service::input::InvocationType;

/// What is to be invoked, and where.
#[derive(Clone, Copy, Debug)]
pub struct CopyTarget<'a> {
    pub endpoint: &'a str,
    pub region: &'a str,
    /// The workspace's folder.
    pub workspace: &'a str,
    pub function: &'a str,
    pub invocation_type: InvocationType,
    pub payload: &'a str,
}

/// Writes a command that sends an event from elsewhere.
pub type CopyForm = fn(&CopyTarget) -> String;

/// AWS CLI, versions 1 and 2: the payload goes into a file, which both take alike.
#[must_use]
pub fn aws_cli(target: &CopyTarget) -> String {
    format!(
        "{}aws lambda invoke --endpoint-url {} --no-sign-request --region {} \\\n  --function-name {} --invocation-type {} \\\n  --payload fileb://payload.json /dev/stdout\n",
        here_document("cat > payload.json", target.payload),
        target.endpoint,
        target.region,
        quoted(target.function),
        target.invocation_type.name()
    )
}

#[must_use]
pub fn curl(target: &CopyTarget) -> String {
    let url = format!("{}/2015-03-31/functions/{}/invocations", target.endpoint, target.function);
    let command = format!(
        "curl -sS {} -H 'X-Amz-Invocation-Type: {}' -H 'Content-Type: application/json' --data-binary @-",
        quoted(&url),
        target.invocation_type.name()
    );
    here_document(&command, target.payload)
}

#[must_use]
pub fn boto3(target: &CopyTarget) -> String {
    format!(
        "import boto3\nfrom botocore import UNSIGNED\nfrom botocore.config import Config\n\nclient = boto3.client(\n    \"lambda\",\n    endpoint_url={},\n    region_name={},\n    config=Config(signature_version=UNSIGNED, retries={{\"max_attempts\": 0}}, read_timeout=900),\n)\nresponse = client.invoke(\n    FunctionName={},\n    InvocationType={},\n    Payload={}.encode(),\n)\nprint(response[\"StatusCode\"], response[\"Payload\"].read().decode())\n",
        literal(target.endpoint),
        literal(target.region),
        literal(target.function),
        literal(target.invocation_type.name()),
        literal(target.payload)
    )
}

/// `invokelab invoke`, from any folder.
#[must_use]
pub fn invokelab(target: &CopyTarget) -> String {
    let command = format!(
        "invokelab invoke {} {} --event - --type {} --log",
        quoted(target.function),
        quoted(target.workspace),
        target.invocation_type.name()
    );
    here_document(&command, target.payload)
}

/// A command whose standard input is `text`, whatever stands in it.
fn here_document(command: &str, text: &str) -> String {
    let mut end = "EOF".to_owned();
    while text.lines().any(|line| line == end) {
        end.push('_');
    }
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    format!("{command} <<'{end}'\n{text}{newline}{end}\n")
}

/// One word for a POSIX shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A Python string literal; JSON's are, since JSON escapes what Python needs escaped.
fn literal(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const PAYLOAD: &str = "{\n  \"text\": \"it's $HOME `x` ü \\\\ \\\"quoted\\\"\",\nEOF\n  \"n\": 129.00\n}";

    fn target() -> CopyTarget<'static> {
        CopyTarget {
            workspace: "/home/ada/my shop",
            endpoint: "http://127.0.0.1:9001",
            region: "us-east-1",
            function: "confirm",
            invocation_type: InvocationType::Event,
            payload: PAYLOAD,
        }
    }

    /// Runs the text in a shell in which `aws`, `curl` and `invokelab` print what they were given.
    fn run(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let stubs = "aws() { echo \"$@\"; cat payload.json; }\ncurl() { echo \"$@\"; cat; }\ninvokelab() { echo \"$@\"; cat; }\n";
        let output = Command::new("sh").current_dir(folder.path()).arg("-c").arg(format!("{stubs}{text}")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn shells_get_the_payload_byte_for_byte() {
        for text in [aws_cli(&target()), curl(&target()), invokelab(&target())] {
            let printed = run(&text);
            let (arguments, payload) = printed.split_once('\n').unwrap();
            assert_eq!(payload, format!("{PAYLOAD}\n"));
            assert!(arguments.contains("confirm") && arguments.contains("Event"), "{arguments}");
        }
        assert!(run(&aws_cli(&target())).contains("--no-sign-request"));
    }

    #[test]
    fn python_reads_the_payload_back() {
        let text = boto3(&target());
        let line = text
            .lines()
            .find(|line| line.contains("Payload="))
            .unwrap()
            .trim()
            .trim_start_matches("Payload=")
            .trim_end_matches(".encode(),");
        let Ok(output) =
            Command::new("python3").arg("-c").arg(format!("import sys; sys.stdout.buffer.write({line}.encode())")).output()
        else {
            assert!(std::env::var_os("CI").is_none(), "python3 is missing");
            return;
        };
        assert_eq!(String::from_utf8(output.stdout).unwrap(), PAYLOAD);
    }

    #[test]
    fn odd_names_are_quoted() {
        assert_eq!(quoted("a b'c"), "'a b'\\''c'");
        assert_eq!(quoted("confirm"), "confirm");
    }
}
