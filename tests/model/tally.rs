//! How often what was said succeeded, and with which codes it was refused.
//!
//! Stories in which little succeeds compare little: what every stage must have done is asserted.

use crate::rig::Ended;
use std::collections::BTreeMap;
use std::fmt;

/// The code under which successes are counted.
const DONE: u16 = 0;
/// The code under which stops of the machine are counted: broken rules, gas.
const HALTED: u16 = u16::MAX;

/// Messages of a stage below which nothing is asserted.
const ENOUGH: u64 = 10_000;

/// By entry point and code, how often.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(BTreeMap<&'static str, BTreeMap<u16, u64>>);

impl Tally {
    /// Counts a message.
    pub(crate) fn count(&mut self, entry: &'static str, ended: &Ended) {
        let code = match ended {
            Ended::Done(_) => DONE,
            Ended::Refused(code) => *code,
            Ended::Halted(_) => HALTED,
        };
        *self.0.entry(entry).or_default().entry(code).or_default() += 1;
    }

    /// Counts all of another.
    pub(crate) fn add(&mut self, other: &Self) {
        for (entry, codes) in &other.0 {
            let own = self.0.entry(entry).or_default();
            for (code, times) in codes {
                *own.entry(*code).or_default() += times;
            }
        }
    }

    fn done(&self, entry: &str) -> u64 {
        let codes = self.0.get(entry);
        codes
            .and_then(|codes| codes.get(&DONE))
            .copied()
            .unwrap_or(0)
    }

    /// Of what is wanted so often in 100,000 messages, what succeeded less often in `told` messages. Few
    /// messages prove nothing: then nothing is missing.
    pub(crate) fn missing(
        &self,
        wanted: &[(&'static str, u64)],
        told: u64,
    ) -> Vec<(&'static str, u64, u64)> {
        if told < ENOUGH {
            return Vec::new();
        }
        let expected = wanted.iter().map(|(entry, times)| {
            // Rounded up: what is wanted at all is wanted once, whatever the stage's share.
            let times = (times * told).div_ceil(100_000);
            (*entry, self.done(entry), times)
        });
        expected.filter(|(_, done, times)| done < times).collect()
    }
}

impl fmt::Display for Tally {
    /// One line for each entry point: share of success, then codes and how often.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sum = |codes: &BTreeMap<u16, u64>| codes.values().sum::<u64>();
        let all: u64 = self.0.values().map(sum).sum();
        let done: u64 = self.0.keys().map(|entry| self.done(entry)).sum();
        writeln!(out, "  all: {done} of {all} succeeded")?;
        for (entry, codes) in &self.0 {
            write!(out, "  {entry}: {} of {};", self.done(entry), sum(codes))?;
            let refused = codes.iter().filter(|(code, _)| **code != DONE);
            for (code, times) in refused {
                match *code {
                    HALTED => write!(out, " halted {times}")?,
                    code => write!(out, " {code}: {times}")?,
                }
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: a stage in which something wanted succeeds too seldom, or never, is found, however small its
    /// share of the operations; a short run proves nothing and is left alone.
    #[test]
    fn what_never_succeeds_is_found() {
        let mut tally = Tally::default();
        tally.count("honour", &Ended::Refused(6));
        let wanted = [("honour", 1), ("expire", 4)];
        assert_eq!(
            tally.missing(&wanted, 20_000),
            [("honour", 0, 1), ("expire", 0, 1)]
        );
        assert_eq!(tally.missing(&wanted, ENOUGH - 1), []);
        tally.count("honour", &Ended::Done(Vec::new()));
        tally.count("expire", &Ended::Done(Vec::new()));
        assert_eq!(tally.missing(&wanted, 20_000), []);
        assert_eq!(tally.missing(&wanted, 100_000), [("expire", 1, 4)]);
    }
}
