//! Who may sign requests: the workspace's credentials file, in the form that AWS CLI and every SDK share.
//!
//! ```ini
//! [alice]
//! aws_access_key_id = AKIAIOSFODNN7EXAMPLE
//! aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
//! aws_account_id = 210987654321
//! ```
//!
//! Secrets stay in that file: they are read here and never written, shown or logged.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::function::clean;
use super::reader::Section;
use crate::http_model::door::CallerIdentity;
use crate::http_model::signature::{KnownCredential, Signers};
use crate::http_model::url_id;

/// What functions and tools find in their environment here: key, secret and token are all this word.
const TEST: &str = "test";

/// The credentials of the file that `credentials_file` names, and the ones that every function gets.
pub(super) fn read(section: Option<&Section>, folder: &Path, account_id: &str) -> Signers {
    known(section, folder, account_id).into_iter().collect()
}

fn known(section: Option<&Section>, folder: &Path, account_id: &str) -> Vec<KnownCredential> {
    let mut known = vec![built_in(account_id, None), built_in(account_id, Some(TEST))];
    let Some(section) = section else { return known };
    let Some(written) = section.string("credentials_file") else { return known };
    let file = clean(&folder.join(&written));
    section.source.reads(&file);
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) => {
            section
                .problem("credentials_file", format!("{}: {error}; requests signed with its keys are refused", file.display()));
            return known;
        }
    };
    for (profile, members) in profiles(&text) {
        match credential(&profile, &members, account_id) {
            Ok(credential) => known.push(credential),
            Err(missing) => section.problem("credentials_file", format!("{}: [{profile}] has no {missing}", file.display())),
        }
    }
    known
}

fn built_in(account_id: &str, token: Option<&str>) -> KnownCredential {
    KnownCredential {
        secret_key: TEST.to_owned(),
        session_token: token.map(str::to_owned),
        identity: identity(TEST, TEST, account_id),
    }
}

fn credential(profile: &str, members: &BTreeMap<String, String>, account_id: &str) -> Result<KnownCredential, &'static str> {
    let member = |name| members.get(name).filter(|value| !value.is_empty()).cloned();
    let access_key = member("aws_access_key_id").ok_or("aws_access_key_id")?;
    let secret_key = member("aws_secret_access_key").ok_or("aws_secret_access_key")?;
    let account = member("aws_account_id").unwrap_or_else(|| account_id.to_owned());
    Ok(KnownCredential {
        secret_key,
        session_token: member("aws_session_token"),
        identity: identity(profile, &access_key, &account),
    })
}

fn identity(profile: &str, access_key: &str, account_id: &str) -> CallerIdentity {
    let user_id = format!("AIDA{}", url_id::short_id(&format!("{account_id}:{profile}")).to_uppercase());
    CallerIdentity {
        access_key: access_key.to_owned(),
        account_id: account_id.to_owned(),
        caller_id: user_id.clone(),
        user_arn: format!("arn:aws:iam::{account_id}:user/{profile}"),
        user_id,
        principal_org_id: None,
    }
}

/// Sections with their keys, in the order of the file; comments begin with `#` or `;`.
fn profiles(text: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let mut profiles: Vec<(String, BTreeMap<String, String>)> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';'])) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            profiles.push((name.trim().to_owned(), BTreeMap::new()));
        } else if let (Some((key, value)), Some((_, members))) = (line.split_once('='), profiles.last_mut()) {
            members.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    profiles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_read_as_aws_tools_read_them() {
        let text = "# mine\n[alice]\naws_access_key_id=AKIA1\nAWS_SECRET_ACCESS_KEY = s/=+x \n\n[ bob ]\n; nothing\n";
        let found = profiles(text);
        assert_eq!(found.len(), 2);
        let alice = credential(&found[0].0, &found[0].1, "000000000000").unwrap();
        assert_eq!(
            (alice.secret_key.as_str(), alice.identity.user_arn.as_str()),
            ("s/=+x", "arn:aws:iam::000000000000:user/alice")
        );
        assert_eq!(credential(&found[1].0, &found[1].1, "000000000000").unwrap_err(), "aws_access_key_id");
    }
}
