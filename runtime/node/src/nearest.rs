//! `did you mean ...?`: the sentence about nearest names that error messages end with.

pub use weighhouse_rpc::nearest::nearest;

/// `did you mean a, b or c?`, or nothing if nothing is near.
#[must_use]
pub fn suggestion<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let near = nearest(word, names);
    let (last, rest) = near.split_last()?;
    Some(if rest.is_empty() {
        format!("did you mean {last}?")
    } else {
        format!("did you mean {} or {last}?", rest.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A slip of the finger finds the name, nonsense finds nothing.
    #[test]
    fn suggests_what_was_meant() {
        let names = ["listen", "folder", "retention"];
        let found = suggestion("folde", names);
        assert_eq!(found.as_deref(), Some("did you mean folder?"));
        assert_eq!(suggestion("zzzzzz", names), None);
    }
}
