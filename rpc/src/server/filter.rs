//! Which hosts and origins are served.
//!
//! # Source
//! Measured: the library serves foreign hosts and origins by default.

use super::settings::Settings;

/// The lists of the settings, beside loopback names, which are always served.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    hosts: Vec<String>,
    origins: Vec<String>,
}

impl Filter {
    pub(crate) fn new(settings: &Settings) -> Self {
        let lower = |list: &[String]| list.iter().map(|item| item.to_lowercase()).collect();
        Self {
            hosts: lower(&settings.allowed_hosts),
            origins: lower(&settings.allowed_origins),
        }
    }

    /// True if a request for this `Host` is served.
    pub(crate) fn serves_host(&self, host: Option<&str>) -> bool {
        let Some(host) = host.map(str::to_lowercase) else {
            return false;
        };
        let name = without_port(&host);
        is_loopback(name)
            || self
                .hosts
                .iter()
                .any(|known| *known == host || known == name)
    }

    /// True if a request from a page of this `Origin` is served; programs send none.
    pub(crate) fn serves_origin(&self, origin: Option<&str>) -> bool {
        let Some(origin) = origin.map(str::to_lowercase) else {
            return true;
        };
        let name = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"));
        name.is_some_and(|name| is_loopback(without_port(name))) || self.origins.contains(&origin)
    }
}

fn is_loopback(name: &str) -> bool {
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port))
            if port.bytes().all(|byte| byte.is_ascii_digit()) && !port.is_empty() =>
        {
            name
        }
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: loopback and listed names are served, look-alikes and the nameless are not.
    #[test]
    fn foreign_hosts_and_origins_are_refused() {
        let mut settings = Settings::loopback(0);
        settings.allowed_hosts = vec!["Node.example".into()];
        settings.allowed_origins = vec!["https://app.example".into()];
        let filter = Filter::new(&settings);
        for host in [
            "localhost",
            "127.0.0.1:8735",
            "[::1]:8735",
            "[::1]",
            "node.example:443",
            "NODE.example",
        ] {
            assert!(filter.serves_host(Some(host)), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:80",
            "",
        ] {
            assert!(!filter.serves_host(Some(host)), "{host}");
        }
        assert!(!filter.serves_host(None));
        assert!(filter.serves_origin(None));
        assert!(filter.serves_origin(Some("http://localhost:3000")));
        assert!(filter.serves_origin(Some("https://app.example")));
        for origin in [
            "https://evil.example",
            "null",
            "http://localhost.evil.example",
            "file://localhost",
        ] {
            assert!(!filter.serves_origin(Some(origin)), "{origin}");
        }
    }
}
