//! The explorer: one page, its script and its style, out of the program itself.
//!
//! The page asks this node over JSON-RPC like any other client and can do no more. Its policy lets it load
//! and ask nothing but what this port serves, and be shown in no other page's frame.

use super::plain;
use http::{HeaderName, HeaderValue, StatusCode, header};
use jsonrpsee::server::HttpResponse;

/// What the browser lets the page do.
const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

/// Path, type and text of each file.
const FILES: [(&str, &str, &str); 3] = [
    (
        "/",
        "text/html; charset=utf-8",
        include_str!("../explorer/index.html"),
    ),
    (
        "/explorer.js",
        "text/javascript; charset=utf-8",
        include_str!("../explorer/app.js"),
    ),
    (
        "/explorer.css",
        "text/css; charset=utf-8",
        include_str!("../explorer/style.css"),
    ),
];

/// True for a path of the explorer.
pub(super) fn has(path: &str) -> bool {
    FILES.iter().any(|(known, ..)| *known == path)
}

/// A file of the explorer.
pub(super) fn page(path: &str) -> HttpResponse {
    let file = FILES.iter().find(|(known, ..)| *known == path);
    let (_, kind, text) = file.copied().unwrap_or_default();
    let mut response = plain(StatusCode::OK, kind, text);
    let lines: [(HeaderName, &'static str); 4] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // A new version of the program is a new page.
        (header::CACHE_CONTROL, "no-cache"),
    ];
    for (name, value) in lines {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: the page loads nothing from elsewhere and has no code of its own that the policy would stop.
    #[test]
    fn the_page_is_by_itself() {
        for (path, _, text) in FILES {
            assert!(
                !text.contains("//cdn") && !text.contains("https://"),
                "{path}"
            );
            assert!(
                !text.contains("innerHTML") && !text.contains("eval("),
                "{path}"
            );
        }
        let html = FILES[0].2;
        for inline in ["<style", "style=", "onclick", "javascript:", "<script>"] {
            assert!(!html.contains(inline), "{inline}");
        }
        for (path, ..) in &FILES[1..] {
            assert!(html.contains(path), "{path} is not used");
        }
        let answer = page("/");
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str();
        assert!(policy.is_ok_and(|policy| policy.starts_with("default-src 'self'")));
        assert!(has("/explorer.js") && !has("/explorer"));
    }

    /// Goal: the script asks only for methods that there are.
    #[test]
    fn the_script_asks_for_methods_that_exist() {
        let script = FILES[1].2;
        let asked = script
            .split("ask(\"")
            .skip(1)
            .chain(script.split(", \"").skip(1));
        let names = asked.filter_map(|rest| rest.split('"').next());
        let groups = ["chain_", "tx_", "contract_", "state_", "event_", "index_"];
        let mut found = 0;
        for name in names.filter(|name| groups.iter().any(|group| name.starts_with(group))) {
            found += 1;
            assert!(
                crate::api::methods().any(|method| method.name == name),
                "{name}"
            );
        }
        assert!(found > 10);
    }
}
