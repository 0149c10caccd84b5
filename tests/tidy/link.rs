//! Links between pages lead somewhere.

use super::tree::{Findings, files, root};

/// Goal: no page sends its reader to a file or a heading that does not exist.
#[test]
fn links_of_pages_lead_somewhere() {
    let pages = files(&[".md"]);
    let mut findings = Findings::default();
    for (path, text) in &pages {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (index, line) in text.lines().enumerate() {
            for rest in line.split("](").skip(1) {
                let target = rest.split(')').next().unwrap_or_default();
                if target.contains("://") || target.is_empty() {
                    continue;
                }
                let (file, heading) = target.split_once('#').unwrap_or((target, ""));
                let file = if file.is_empty() {
                    path.clone()
                } else {
                    resolve(folder, file)
                };
                let missing = !root().join(&file).exists();
                let lost = !heading.is_empty()
                    && pages
                        .get(&file)
                        .is_some_and(|page| !headings(page).any(|h| h == heading));
                if missing || lost {
                    findings.add(path, index + 1, format!("{target} leads nowhere"));
                }
            }
        }
    }
    findings.settle("correct the link, or write the page");
}

fn resolve(folder: &str, file: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in file.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

fn headings(page: &str) -> impl Iterator<Item = String> + '_ {
    let marked = page.lines().filter(|line| line.starts_with('#'));
    marked.map(|line| {
        let text = line.trim_start_matches('#').trim().to_lowercase();
        let kept = text
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    })
}

/// Goal: source refers to pages that its reader has.
#[test]
fn source_refers_to_pages_that_exist() {
    let pages = files(&[".md"]);
    let mut findings = Findings::default();
    for (path, text) in files(&[".rs", ".toml", ".wat"]) {
        if path.starts_with("tests/tidy/") {
            continue;
        }
        for (index, line) in text.lines().enumerate() {
            let Some((_, comment)) = line.split_once("//") else {
                continue;
            };
            let words: Vec<&str> = comment
                .split(|c: char| c.is_whitespace() || "`(),;\"".contains(c))
                .map(|word| word.trim_end_matches('.'))
                .collect();
            for word in words.iter().filter(|word| word.ends_with(".md")) {
                let known = pages.keys().any(|page| page.ends_with(word));
                if !known && !word.contains('<') {
                    findings.add(&path, index + 1, format!("{word} does not exist"));
                }
            }
            for pair in words.windows(2) {
                let capital = pair[0].len() > 4 && pair[0].chars().all(|c| c.is_ascii_uppercase());
                if capital && ["section", "finding", "decision"].contains(&pair[1]) {
                    findings.add(&path, index + 1, format!("{} is no page of ours", pair[0]));
                }
            }
        }
    }
    findings.settle("name the page below docs/ that says it, or say it here");
}
