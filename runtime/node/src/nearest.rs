//! Nearest names: what somebody probably meant who wrote something unknown.

/// Up to three of `names` that look most like `word`, nearest first; nothing that is far off.
#[must_use]
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut near: Vec<(usize, &str)> = names
        .into_iter()
        .map(|name| (distance(word, name), name))
        .filter(|(distance, name)| *distance <= 2.max(name.len() / 3) || name.starts_with(word))
        .collect();
    near.sort_unstable();
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

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

/// Edit distance with neighbouring letters swapped counted once (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut next = vec![i];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (row[j] + 1).min(next[j - 1] + 1).min(row[j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A slip of the finger finds the name, nonsense finds nothing.
    #[test]
    fn finds_what_was_meant() {
        let names = ["listen", "folder", "retention", "log"];
        assert_eq!(nearest("lisetn", names), ["listen"]);
        assert_eq!(nearest("ret", names), ["retention"]);
        assert!(nearest("zzzzzz", names).is_empty());
        assert_eq!(
            suggestion("folde", names).as_deref(),
            Some("did you mean folder?")
        );
    }
}
