//! Numbers that whoever runs a campaign asks for, in the environment.

/// The number in the variable `name`, in digits or as hex after `0x`; `None` if it is not set.
///
/// # Panics
/// If it is set to something else: a long run must not be another than was asked for.
#[must_use]
pub fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let hex = text
        .strip_prefix("0x")
        .map(|digits| u64::from_str_radix(digits, 16));
    let number = hex.unwrap_or_else(|| text.parse());
    Some(number.unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}
