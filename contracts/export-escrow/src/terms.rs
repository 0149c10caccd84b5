//! What a credit says: parties, clauses, and whether they make sense.
//!
//! Parties, token, trade contract and arbiter are fixed by the application. The [`Clauses`] can be
//! amended, all of them at once and only when everybody who has to has accepted. Nothing here looks at
//! storage or calls anybody.
#![expect(
    clippy::cast_possible_truncation,
    reason = "the codec's derive writes such code for enums with explicit indices"
)]

use crate::schedule;
use weighhouse_sdk::codec::Encode as _;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::arithmetic::mul_div;
use weighhouse_standard::interface::{Pid, TradeRef};
use weighhouse_standard::{NAME_BYTES_MAX, Refusal, bounded};

/// Documents that a credit, with its milestones, may ask for.
pub const DOCUMENT_RULES_MAX: usize = 32;
/// Conditions that a credit, with its milestones, may have.
pub const CONDITIONS_MAX: usize = 16;
/// Milestones or instalments of a credit.
pub const PARTS_MAX: usize = 24;
/// Bytes of encoded clauses: they travel in one event.
pub const CLAUSES_BYTES_MAX: usize = 6 * 1024;
/// Ten thousand basis points are the whole.
pub const WHOLE_BPS: u16 = 10_000;

/// A document that a presentation must contain.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct DocumentRule {
    /// Its type, such as `invoice` or `bill of lading`.
    pub kind: String,
    /// The participant that must have issued it; `None` admits any.
    pub issuer: Option<Pid>,
    /// It is an electronic transferable record: its control must be pledged to the escrow.
    pub etr: bool,
}

/// A condition that a contract evaluates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct ConditionRef {
    /// The contract.
    pub contract: Address,
    /// Number of the condition there.
    pub id: u64,
}

/// A part of the amount that is paid against documents and conditions of its own.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Milestone {
    /// How much.
    pub amount: Amount,
    /// Against which documents, besides those of the credit.
    pub docs: Vec<DocumentRule>,
    /// On which conditions, besides those of the credit.
    pub conditions: Vec<ConditionRef>,
    /// Last second at which it is paid.
    pub due: Timestamp,
}

/// A part of the amount that must be drawn within its own time.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Instalment {
    /// How much.
    pub amount: Amount,
    /// First second at which documents for it can be presented.
    pub from: Timestamp,
    /// Last second at which documents for it can be presented.
    pub to: Timestamp,
}

/// When and in which parts the amount is available.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Availability {
    /// As soon as a presentation complies.
    Sight,
    /// From the start of the day that is so many days after shipment.
    Deferred {
        /// Calendar days after the day of shipment.
        days: u16,
    },
    /// In parts, each against documents and conditions of its own.
    Milestones(Vec<Milestone>),
    /// In parts, each within a time of its own.
    Instalments(Vec<Instalment>),
}

/// What an amendment may change.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Clauses {
    /// The amount of the credit.
    pub amount: Amount,
    /// By how many basis points more may be drawn.
    pub tol_plus: u16,
    /// By how many basis points less is still drawn in full.
    pub tol_minus: u16,
    /// When and in which parts.
    pub availability: Availability,
    /// Last second of a shipment that complies.
    pub latest_shipment: Timestamp,
    /// Calendar days after shipment within which documents are presented.
    pub presentation_days: u16,
    /// Last second of the credit; on a closed day the end of the next banking day.
    pub expiry: Timestamp,
    /// Whether less than the whole may be drawn at a time.
    pub partial_allowed: bool,
    /// Whether the beneficiary may transfer it, once.
    pub transferable: bool,
    /// Documents of every presentation.
    pub docs: Vec<DocumentRule>,
    /// Conditions of every payment.
    pub conditions: Vec<ConditionRef>,
    /// Calendar days that an arbiter has for a dispute.
    pub dispute_days: u16,
    /// Number of the calendar of banking days.
    pub calendar: u64,
}

/// What an applicant applies for; the caller is the applicant.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Terms {
    /// The exporter.
    pub beneficiary: Address,
    /// The bank that undertakes to pay from the applicant's hold.
    pub issuing_bank: Address,
    /// The bank that hands the credit on to the beneficiary.
    pub advising: Option<Address>,
    /// The bank that may add its own undertaking.
    pub confirming: Option<Address>,
    /// A bank that may examine documents.
    pub nominated: Option<Address>,
    /// Who decides disputes; `None` leaves them to the ARBITER of the contract.
    pub arbiter: Option<Address>,
    /// The registered trade contract.
    pub trade_ref: TradeRef,
    /// The unit in which it is paid.
    pub token: Address,
    /// The rest, which an amendment may change.
    pub clauses: Clauses,
}

impl Terms {
    /// Refuses parties that cannot be, and clauses that make no sense.
    pub(crate) fn check(&self, now: Timestamp) -> Result<(), Refusal> {
        ensure!(self.trade_ref != Hash::ZERO, Refusal::argument("trade_ref"));
        ensure!(self.token != Address::ZERO, Refusal::argument("token"));
        ensure!(
            self.beneficiary != self.issuing_bank,
            Refusal::argument("beneficiary")
        );
        // A second undertaking of the same bank would be none.
        ensure!(
            self.confirming != Some(self.issuing_bank),
            Refusal::argument("confirming")
        );
        self.clauses.check(now)
    }
}

impl Clauses {
    /// The most that can be drawn.
    pub(crate) fn max_draw(&self) -> Result<Amount, Refusal> {
        let more = self.part(self.tol_plus)?;
        self.amount.checked_add(more).ok_or(Refusal::Overflow)
    }

    /// The least that counts as drawn in full.
    pub(crate) fn min_full(&self) -> Result<Amount, Refusal> {
        let less = self.part(self.tol_minus)?;
        self.amount.checked_sub(less).ok_or(Refusal::Overflow)
    }

    fn part(&self, bps: u16) -> Result<Amount, Refusal> {
        least(self.amount, bps)
    }

    /// Documents of the credit and, for a milestone, of the milestone.
    pub(crate) fn rules(&self, part: Option<u32>) -> impl Iterator<Item = &DocumentRule> {
        let own = self.milestone(part).map(|milestone| &milestone.docs);
        self.docs.iter().chain(own.into_iter().flatten())
    }

    /// Conditions of the credit and, for a milestone, of the milestone.
    pub(crate) fn conditions_of(&self, part: Option<u32>) -> impl Iterator<Item = &ConditionRef> {
        let own = self.milestone(part).map(|milestone| &milestone.conditions);
        self.conditions.iter().chain(own.into_iter().flatten())
    }

    pub(crate) fn milestone(&self, part: Option<u32>) -> Option<&Milestone> {
        match &self.availability {
            Availability::Milestones(parts) => parts.get(index(part?)),
            _ => None,
        }
    }

    pub(crate) fn check(&self, now: Timestamp) -> Result<(), Refusal> {
        ensure!(self.tol_plus <= WHOLE_BPS, Refusal::argument("tol_plus"));
        // A tolerance of the whole would make nothing a draw in full.
        ensure!(self.tol_minus < WHOLE_BPS, Refusal::argument("tol_minus"));
        ensure!(
            schedule::sane(self.expiry) && self.expiry > now,
            Refusal::argument("expiry")
        );
        ensure!(
            self.latest_shipment <= self.expiry,
            Refusal::argument("latest_shipment")
        );
        ensure!(
            !self.docs.is_empty() || self.has_milestones(),
            Refusal::argument("docs")
        );
        ensure!(!self.amount.is_zero(), Refusal::ZeroAmount);
        self.check_lists()?;
        self.max_draw()?;
        match &self.availability {
            Availability::Sight | Availability::Deferred { .. } => Ok(()),
            Availability::Milestones(parts) => self.check_milestones(parts),
            Availability::Instalments(parts) => self.check_instalments(parts),
        }
    }

    pub(crate) const fn has_milestones(&self) -> bool {
        matches!(self.availability, Availability::Milestones(_))
    }

    /// True where the amount is drawn in parts that are fixed.
    pub(crate) const fn in_parts(&self) -> bool {
        matches!(
            self.availability,
            Availability::Milestones(_) | Availability::Instalments(_)
        )
    }

    fn check_lists(&self) -> Result<(), Refusal> {
        let own = match &self.availability {
            Availability::Milestones(parts) => parts.as_slice(),
            _ => &[],
        };
        let documents = own.iter().flat_map(|part| &part.docs);
        let documents = self.docs.iter().chain(documents);
        bounded(documents.clone().count(), DOCUMENT_RULES_MAX)?;
        let conditions = own.iter().flat_map(|part| &part.conditions);
        bounded(
            self.conditions.iter().chain(conditions).count(),
            CONDITIONS_MAX,
        )?;
        for rule in documents {
            ensure!(!rule.kind.is_empty(), Refusal::argument("docs"));
            bounded(rule.kind.len(), NAME_BYTES_MAX)?;
        }
        bounded(self.encoded_size(), CLAUSES_BYTES_MAX)
    }

    /// Parts that add up to the amount: what is promised in parts is what is funded as a whole.
    fn check_parts(&self, amounts: impl ExactSizeIterator<Item = Amount>) -> Result<(), Refusal> {
        let count = amounts.len();
        ensure!(count > 0, Refusal::argument("availability"));
        bounded(count, PARTS_MAX)?;
        // The parts are exact, so tolerances would have no meaning.
        ensure!(
            self.tol_plus == 0 && self.tol_minus == 0,
            Refusal::argument("tol_plus")
        );
        let mut sum = Amount::ZERO;
        for amount in amounts {
            ensure!(!amount.is_zero(), Refusal::ZeroAmount);
            sum = sum.checked_add(amount).ok_or(Refusal::Overflow)?;
        }
        ensure!(sum == self.amount, Refusal::argument("availability"));
        Ok(())
    }

    fn check_milestones(&self, parts: &[Milestone]) -> Result<(), Refusal> {
        self.check_parts(parts.iter().map(|part| part.amount))?;
        for part in parts {
            let asks = !self.docs.is_empty() || !part.docs.is_empty();
            ensure!(asks, Refusal::argument("docs"));
            ensure!(part.due <= self.expiry, Refusal::argument("due"));
        }
        Ok(())
    }

    fn check_instalments(&self, parts: &[Instalment]) -> Result<(), Refusal> {
        self.check_parts(parts.iter().map(|part| part.amount))?;
        let mut free = Timestamp(0);
        for part in parts {
            let ordered = part.from >= free && part.from <= part.to && part.to <= self.expiry;
            ensure!(ordered, Refusal::argument("availability"));
            free = part.to.saturating_add(1);
        }
        Ok(())
    }
}

/// `floor(amount * bps / 10000)`.
pub(crate) fn least(amount: Amount, bps: u16) -> Result<Amount, Refusal> {
    mul_div(amount.0, bps.into(), WHOLE_BPS.into())
        .map(Amount)
        .ok_or(Refusal::Overflow)
}

/// A number of a part as a position in a list.
pub(crate) fn index(part: u32) -> usize {
    usize::try_from(part).unwrap_or(usize::MAX)
}
