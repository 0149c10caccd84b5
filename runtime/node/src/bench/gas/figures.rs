//! What was measured: gas and nanoseconds of each class, median and spread of the rows.

use crate::output::{Failure, Output};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// A row may lie this many times above or below the median.
const SPREAD_MAX: f64 = 3.0;
/// A price of one gas cannot be lower.
const LEAST: f64 = 1.0;

/// Counts are far below 2^53: exact.
#[expect(clippy::cast_precision_loss, reason = "counts of one run, for people")]
pub(super) const fn float(count: u64) -> f64 {
    count as f64
}

/// One operation of a class.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figure {
    pub(super) row: &'static str,
    pub(super) name: &'static str,
    pub(super) gas: f64,
    pub(super) nanos: f64,
}

impl Figure {
    fn per_gas(&self) -> f64 {
        if self.gas > 0.0 {
            self.nanos / self.gas
        } else {
            0.0
        }
    }
}

/// The transaction of maximum gas that took longest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Maximum {
    pub(super) name: &'static str,
    pub(super) time: Duration,
}

/// How a row's dearest class lies to the median.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Another class of the row is dearer.
    Cheaper,
    /// Within.
    Within,
    /// Far above: who pays for it gets too much time.
    Underpriced,
    /// Far below.
    Overpriced,
    /// Far below, at the least price that there is.
    Least,
}

impl Verdict {
    const fn text(self) -> &'static str {
        match self {
            Self::Cheaper => "",
            Self::Within => "ok",
            Self::Underpriced => "UNDERPRICED",
            Self::Overpriced => "OVERPRICED",
            Self::Least => "least price",
        }
    }

    const fn is_outside(self) -> bool {
        matches!(self, Self::Underpriced | Self::Overpriced)
    }
}

/// All figures.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    all: Vec<Figure>,
    /// The dearest class of each row.
    dearest: BTreeMap<&'static str, Figure>,
    median: f64,
    maximum: Option<Maximum>,
}

impl Figures {
    pub(super) fn of(all: Vec<Figure>) -> Self {
        let mut dearest: BTreeMap<&'static str, Figure> = BTreeMap::new();
        for figure in &all {
            let known = dearest.entry(figure.row).or_insert(*figure);
            if figure.per_gas() > known.per_gas() {
                *known = *figure;
            }
        }
        let mut rows: Vec<f64> = dearest.values().map(Figure::per_gas).collect();
        rows.sort_by(f64::total_cmp);
        let median = rows.get(rows.len() / 2).copied().unwrap_or_default();
        Self {
            all,
            dearest,
            median,
            maximum: None,
        }
    }

    #[cfg(test)]
    pub(super) fn all(&self) -> &[Figure] {
        &self.all
    }

    /// Names of the dearest class of each row, the dearest first.
    pub(super) fn dearest_first(&self) -> Vec<&'static str> {
        let mut rows: Vec<&Figure> = self.dearest.values().collect();
        rows.sort_by(|one, other| other.per_gas().total_cmp(&one.per_gas()));
        rows.into_iter().map(|figure| figure.name).collect()
    }

    /// Keeps the longest transaction.
    pub(super) fn longest(&mut self, one: Maximum) {
        if self.maximum.is_none_or(|known| known.time < one.time) {
            self.maximum = Some(one);
        }
    }

    fn ratio(&self, figure: &Figure) -> f64 {
        if self.median > 0.0 {
            figure.per_gas() / self.median
        } else {
            1.0
        }
    }

    fn verdict(&self, figure: &Figure) -> Verdict {
        let dearest = self.dearest.get(figure.row);
        if dearest.is_some_and(|dearest| dearest.name != figure.name) {
            return Verdict::Cheaper;
        }
        let ratio = self.ratio(figure);
        if ratio > SPREAD_MAX {
            Verdict::Underpriced
        } else if ratio >= SPREAD_MAX.recip() {
            Verdict::Within
        } else if figure.gas <= LEAST {
            Verdict::Least
        } else {
            Verdict::Overpriced
        }
    }

    fn outside(&self) -> Vec<&'static str> {
        let rows = self.dearest.values();
        rows.filter(|figure| self.verdict(figure).is_outside())
            .map(|figure| figure.row)
            .collect()
    }

    /// The highest ratio, and the lowest of rows that could be cheaper.
    fn spread(&self) -> (f64, f64) {
        let rows = self.dearest.values();
        rows.filter(|figure| self.verdict(figure) != Verdict::Least)
            .map(|figure| self.ratio(figure))
            .fold((1.0, 1.0), |(high, low), ratio| {
                (ratio.max(high), ratio.min(low))
            })
    }

    fn document(&self) -> Value {
        let classes: Vec<Value> = self
            .all
            .iter()
            .map(|figure| {
                json!({
                    "row": figure.row,
                    "class": figure.name,
                    "gas": figure.gas,
                    "ns": figure.nanos,
                    "ns_per_gas": figure.per_gas(),
                    "ratio": self.ratio(figure),
                    "verdict": self.verdict(figure).text(),
                })
            })
            .collect();
        let (high, low) = self.spread();
        json!({
            "classes": classes,
            "median_ns_per_gas": self.median,
            "highest_ratio": high,
            "lowest_ratio": low,
            "outside": self.outside(),
            "maximum_gas": self.maximum.map(|one| json!({
                "class": one.name,
                "ms": one.time.as_secs_f64() * 1e3,
            })),
        })
    }

    fn text(&self) -> String {
        let mut text = format!(
            "  {:<24} {:<46} {:>9} {:>11} {:>8} {:>7}\n",
            "price", "class", "gas", "ns", "ns/gas", "ratio"
        );
        for figure in &self.all {
            text.push_str(&format!(
                "  {:<24} {:<46} {:>9.2} {:>11.3} {:>8.3} {:>7.2} {}\n",
                figure.row,
                figure.name,
                figure.gas,
                figure.nanos,
                figure.per_gas(),
                self.ratio(figure),
                self.verdict(figure).text(),
            ));
        }
        let (high, low) = self.spread();
        text.push_str(&format!(
            "  median {:.3} ns a gas over {} prices, each at its dearest class; \
             from {low:.2} to {high:.2} times the median\n",
            self.median,
            self.dearest.len(),
        ));
        if let Some(one) = self.maximum {
            text.push_str(&format!(
                "  transaction of maximum gas: {:.0} ms in the dearest class ({})\n",
                one.time.as_secs_f64() * 1e3,
                one.name
            ));
        }
        let outside = self.outside();
        if !outside.is_empty() {
            text.push_str(&format!("  outside: {}\n", outside.join("; ")));
        }
        text
    }

    /// Prints; with `check`, prices outside are a failure.
    ///
    /// # Errors
    /// A price is outside.
    pub(super) fn report(&self, output: &Output, check: bool) -> Result<(), Failure> {
        let (document, outside) = (self.document(), self.outside());
        if !check || outside.is_empty() {
            output.answer(self.text(), &document);
            return Ok(());
        }
        if !output.json {
            output.answer(self.text(), &document);
        }
        let names = outside.join("; ");
        Err(
            Failure::failed(format!("outside 3 times the median: {names}"))
                .help("measure again on a quiet machine; then change the price")
                .data("report", document),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(row: &'static str, name: &'static str, gas: f64, nanos: f64) -> Figure {
        Figure {
            row,
            name,
            gas,
            nanos,
        }
    }

    /// Goal: the dearest class of a price counts, and a price of one gas is not asked to be lower.
    #[test]
    fn dearest_classes_decide() {
        let figures = Figures::of(vec![
            figure("load", "cached", 8.0, 0.8),
            figure("load", "far", 8.0, 32.0),
            figure("add", "add", 1.0, 0.1),
            figure("call", "call", 4.0, 4.0),
            figure("hash", "hash", 100.0, 90.0),
            figure("get", "get", 100.0, 100.0),
            figure("grow", "grow", 100.0, 1.0),
        ]);
        assert!((figures.median - 1.0).abs() < f64::EPSILON);
        assert_eq!(figures.outside(), ["grow", "load"]);
        assert_eq!(figures.dearest_first().first(), Some(&"far"));
        let verdicts = figures.all.iter().map(|figure| figures.verdict(figure));
        assert_eq!(
            verdicts.collect::<Vec<_>>(),
            [
                Verdict::Cheaper,
                Verdict::Underpriced,
                Verdict::Least,
                Verdict::Within,
                Verdict::Within,
                Verdict::Within,
                Verdict::Overpriced,
            ]
        );
    }
}
