//! What can be applied for, and whether it makes sense whatever the registry says.

use super::part::{Part, Ratio};
use super::{Blocks, Class, Kind};
use crate::model::code::{BAD_ARGUMENT, BAD_DOCUMENT, Code, LIMIT_EXCEEDED, ZERO_AMOUNT, need};
use crate::model::register::Pid;
use crate::model::{Seconds, Units};

/// Acts that a right allows, by number; 0 is no name.
pub type Acts = Vec<u8>;

/// What is to be set right.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Correction {
    RefNo(u16),
    Meta(u16),
    Area(Units),
    Duty(u16, Pid),
    DutyEnded(u16),
}

/// What is applied for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Request {
    FirstOwnership(Vec<(Pid, Ratio)>),
    /// From, to, part.
    Transfer(Pid, Pid, Ratio),
    Mortgage {
        share: Option<(Pid, Ratio)>,
        creditor: Pid,
        rank: u32,
        amount: Units,
        until: Option<Seconds>,
    },
    Discharge(u64),
    Lease(Pid, Acts, Seconds),
    Easement(Pid, Option<Seconds>),
    Restrict(Kind, Pid, Option<Seconds>),
    /// Number, area, description of each.
    Subdivide(Vec<(u16, Units, u16)>),
    /// Others, number, description.
    Merge(Vec<u64>, u16, u16),
    /// What, on which document.
    Rectify(Correction, u16),
}

fn distinct<T: PartialEq>(items: &[T]) -> bool {
    let twice = |(at, item): (usize, &T)| items[..at].contains(item);
    !items.iter().enumerate().any(twice)
}

/// Names of acts: one to 32, each once. A list that is too long is not looked into.
pub(super) fn check_acts(acts: &Acts) -> Result<(), Code> {
    need(!acts.is_empty(), BAD_ARGUMENT)?;
    need(acts.len() <= 32, LIMIT_EXCEEDED)?;
    need(!acts.contains(&0) && distinct(acts), BAD_ARGUMENT)
}

/// An end that is over ends nothing; one that is now neither.
pub(super) fn ahead(until: Option<Seconds>, now: Seconds) -> Result<(), Code> {
    need(until.is_none_or(|until| until > now), BAD_ARGUMENT)
}

/// The parts of a list: 7 before 8.
fn parts<'a>(all: impl Iterator<Item = &'a Ratio> + Clone) -> Result<(), Code> {
    let mut each = all.clone();
    need(each.all(|(_, den)| *den != 0), BAD_ARGUMENT)?;
    let mut each = all;
    each.try_for_each(|ratio| Part::of(*ratio).map(drop))
}

impl Request {
    /// Step 2.
    pub(super) fn check(&self, object: u64, now: Seconds) -> Result<(), Code> {
        match self {
            Self::FirstOwnership(shares) => {
                let holders: Vec<Pid> = shares.iter().map(|(pid, _)| *pid).collect();
                need(distinct(&holders), BAD_ARGUMENT)?;
                parts(shares.iter().map(|(_, ratio)| ratio))
            }
            Self::Transfer(_, _, part) => Part::of(*part).map(drop),
            Self::Mortgage {
                share,
                rank,
                amount,
                until,
                ..
            } => {
                need(*rank > 0, BAD_ARGUMENT)?;
                ahead(*until, now)?;
                parts(share.iter().map(|(_, ratio)| ratio))?;
                need(*amount != 0, ZERO_AMOUNT)
            }
            Self::Discharge(_) => Ok(()),
            Self::Lease(_, acts, until) => {
                ahead(Some(*until), now)?;
                check_acts(acts)
            }
            Self::Easement(_, until) => ahead(*until, now),
            Self::Restrict(kind, _, until) => {
                let fits = matches!(kind, Kind::Prohibition | Kind::PreEmption | Kind::Caution);
                need(fits, BAD_ARGUMENT)?;
                ahead(*until, now)
            }
            Self::Subdivide(pieces) => {
                need(pieces.len() > 1, BAD_ARGUMENT)?;
                need(pieces.len() <= 16, LIMIT_EXCEEDED)?;
                let numbers: Vec<u16> = pieces.iter().map(|(number, ..)| *number).collect();
                let named = distinct(&numbers) && !numbers.contains(&0);
                need(named, BAD_ARGUMENT)?;
                let measured = pieces.iter().all(|(_, area, _)| *area != 0);
                need(measured, ZERO_AMOUNT)?;
                let described = pieces.iter().all(|(.., meta)| *meta != 0);
                need(described, BAD_DOCUMENT)
            }
            Self::Merge(others, number, meta) => {
                let all: Vec<u64> = others.iter().copied().chain([object]).collect();
                need(!others.is_empty(), BAD_ARGUMENT)?;
                need(all.len() <= 16, LIMIT_EXCEEDED)?;
                need(distinct(&all) && *number != 0, BAD_ARGUMENT)?;
                need(*meta != 0, BAD_DOCUMENT)
            }
            Self::Rectify(correction, doc) => {
                let named = *correction != Correction::RefNo(0);
                need(named, BAD_ARGUMENT)?;
                need(*correction != Correction::Area(0), ZERO_AMOUNT)?;
                let hash = match correction {
                    Correction::Meta(hash)
                    | Correction::Duty(hash, _)
                    | Correction::DutyEnded(hash) => *hash,
                    Correction::RefNo(_) | Correction::Area(_) => *doc,
                };
                need(*doc != 0 && hash != 0, BAD_DOCUMENT)
            }
        }
    }

    /// True if objects of this class know the request.
    pub(super) const fn fits(&self, class: Class) -> bool {
        match self {
            Self::Subdivide(_) | Self::Merge(..) | Self::Easement(..) => {
                matches!(class, Class::Parcel)
            }
            Self::Rectify(..) | Self::FirstOwnership(_) => {
                !matches!(class, Class::TransferableRecord | Class::Utility)
            }
            Self::Transfer(..) => true,
            Self::Mortgage { .. } | Self::Discharge(_) | Self::Lease(..) | Self::Restrict(..) => {
                matches!(class, Class::Parcel | Class::IpRight | Class::Concession)
            }
        }
    }

    /// What must be free for it.
    pub(super) const fn needs(&self) -> Blocks {
        match self {
            Self::FirstOwnership(_) | Self::Transfer(..) => (true, false, false),
            Self::Mortgage { .. } | Self::Easement(..) | Self::Restrict(..) => (false, true, false),
            Self::Lease(..) => (false, true, true),
            Self::Subdivide(_) | Self::Merge(..) => (true, true, false),
            Self::Discharge(_) | Self::Rectify(..) => (false, false, false),
        }
    }
}
