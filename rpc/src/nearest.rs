//! The nearest known names to an unknown one, for messages that help.
//!
//! Used wherever a name can be misspelt: methods, parameters, fields, entry points, variants, flags.

/// The up to three candidates nearest to `name`, best first; none that is far off.
///
/// Nearness is the optimal string alignment distance without regard to case; a candidate is far off
/// when more than a third of the longer name (at least two characters) would have to change.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let wanted: Vec<char> = name.to_lowercase().chars().take(64).collect();
    let mut ranked: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let other: Vec<char> = candidate.to_lowercase().chars().take(64).collect();
            let distance = distance(&wanted, &other);
            let related =
                !wanted.is_empty() && (contains(&wanted, &other) || contains(&other, &wanted));
            let most = (wanted.len().max(other.len()) / 3).max(2);
            (distance <= most || related).then_some((distance, candidate))
        })
        .collect();
    ranked.sort_by_key(|(distance, candidate)| (*distance, *candidate));
    ranked.dedup();
    ranked
        .into_iter()
        .take(3)
        .map(|(_, candidate)| candidate.to_owned())
        .collect()
}

/// True if `part`, of four characters or more, occurs in `whole`.
fn contains(whole: &[char], part: &[char]) -> bool {
    part.len() >= 4 && whole.windows(part.len()).any(|window| window == part)
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let replace = row[j] + usize::from(x != y);
            let mut best = replace.min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(before[j - 1] + 1);
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

    /// Goal: typical slips find the name that was meant; strangers find nothing.
    #[test]
    fn slips_find_the_name() {
        let names = [
            "chain_head",
            "chain_info",
            "tx_submit",
            "tx_wait",
            "state_root",
        ];
        assert_eq!(nearest("chain_haed", names)[0], "chain_head");
        assert_eq!(nearest("tx_sumbit", names)[0], "tx_submit");
        assert_eq!(nearest("submit", names), ["tx_submit"]);
        assert!(nearest("eth_getBlockByNumber", names).is_empty());
        assert!(nearest("", []).is_empty());
    }
}
