//! `--set POINTER=VALUE`: values of a JSON text replaced by JSON Pointer (RFC 6901).

use serde_json::Value;

use super::derived_members::refresh;

/// Sets each pointer to its value: JSON if it reads as JSON, else a string. A missing last member is added; `-` appends.
///
/// # Errors
/// The text is no JSON, or a pointer leads nowhere; the sentence names how far it reached.
pub fn set_pointers(text: &str, assignments: &[(String, String)]) -> Result<String, String> {
    let mut value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    for (pointer, new) in assignments {
        let new = serde_json::from_str(new).unwrap_or_else(|_| Value::String(new.clone()));
        set(&mut value, pointer, new)?;
    }
    refresh(&mut value, |pointer| assignments.iter().any(|(assigned, _)| assigned == pointer));
    serde_json::to_string_pretty(&value).map_err(|error| error.to_string())
}

fn set(root: &mut Value, pointer: &str, new: Value) -> Result<(), String> {
    if pointer.is_empty() {
        *root = new;
        return Ok(());
    }
    if !pointer.starts_with('/') {
        return Err(format!("{pointer}: a JSON Pointer begins with /"));
    }
    let (parent, last) = pointer.rsplit_once('/').unwrap_or(("", pointer));
    let last = last.replace("~1", "/").replace("~0", "~");
    let reached = reach(root, parent);
    match root.pointer_mut(parent) {
        Some(Value::Object(object)) => drop(object.insert(last, new)),
        Some(Value::Array(items)) if last == "-" => items.push(new),
        Some(Value::Array(items)) => {
            let length = items.len();
            let slot = last.parse::<usize>().ok().and_then(|index| items.get_mut(index));
            *slot.ok_or_else(|| format!("{pointer}: {parent} has {length} items; use an index below that, or - to append"))? =
                new;
        }
        Some(_) => return Err(format!("{pointer}: {parent} is no object and no array")),
        None => return Err(format!("{pointer}: nothing at {parent}; it reaches {reached:?}")),
    }
    Ok(())
}

/// The longest part of a pointer that leads somewhere.
fn reach(root: &Value, pointer: &str) -> String {
    let mut reached = pointer;
    while root.pointer(reached).is_none() {
        reached = reached.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
    reached.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(assignments: &[(&str, &str)]) -> Result<Value, String> {
        let pairs: Vec<_> = assignments.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        set_pointers("{\"Records\":[{\"body\":\"old\"}],\"n\":1}", &pairs).map(|text| serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn values_are_replaced_added_and_appended() {
        assert_eq!(with(&[("/Records/0/body", "hello")]).unwrap()["Records"][0]["body"], "hello");
        assert_eq!(with(&[("/n", "{\"a\":[1]}")]).unwrap()["n"]["a"][0], 1);
        assert_eq!(with(&[("/new~1name", "true")]).unwrap()["new/name"], true);
        assert_eq!(with(&[("/Records/-", "5")]).unwrap()["Records"][1], 5);
    }

    #[test]
    fn a_pointer_that_leads_nowhere_says_how_far_it_came() {
        assert_eq!(
            with(&[("/Records/3/body", "x")]).unwrap_err(),
            "/Records/3/body: nothing at /Records/3; it reaches \"/Records\""
        );
        assert!(with(&[("/Records/7", "x")]).unwrap_err().contains("has 1 items"));
        assert!(with(&[("n", "x")]).unwrap_err().contains("begins with /"));
        assert!(with(&[("/n/a", "x")]).unwrap_err().contains("no object"));
    }
}
