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
