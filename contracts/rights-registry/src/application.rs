//! What parties apply for, and the application that waits in the queue.
//!
//! Priority is the number of entry: on one object the earlier application is decided before the later
//! (R8). A [`Request`] says everything that would be registered; its shape is checked when it comes in,
//! what depends on the state of the register when it is decided.
#![expect(
    clippy::cast_possible_truncation,
    reason = "the codec's derive writes such code for enums with explicit indices"
)]

use crate::object::{Class, OWNERS_MAX, PARTS_MAX, Share};
use crate::restriction::{Blocks, RestrictionKind};
use crate::usage::check_acts;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::fraction::Fraction;
use weighhouse_standard::interface::Pid;
use weighhouse_standard::{NAME_BYTES_MAX, Refusal, bounded, deadline};

/// Documents that an application can rest on.
pub const DOCS_MAX: usize = 32;

/// Part of a whole as an applicant writes it: numerator, denominator.
pub type Ratio = (u128, u128);

/// A piece of a divided object.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Piece {
    /// Its number in the world.
    pub ref_no: String,
    /// Square centimetres.
    pub area: Amount,
    /// blake3 of its description.
    pub meta: Hash,
}

/// What is to be set right.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Correction {
    /// The number in the world.
    RefNo(String),
    /// The description.
    Meta(Hash),
    /// The area.
    Area(Amount),
    /// A duty is added: its text, who is obliged.
    Duty(Hash, Pid),
    /// The duty with this text ends.
    DutyEnded(Hash),
}

/// What is applied for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Request {
    /// First owners of an object: each with a share, all of it together.
    FirstOwnership {
        /// Party and share.
        shares: Vec<(Pid, Ratio)>,
    },
    /// A share of the whole goes from one owner to somebody.
    TransferShare {
        /// Whose.
        from: Pid,
        /// To whom.
        to: Pid,
        /// How much of the whole.
        part: Ratio,
    },
    /// A mortgage on the object, or on one owner's share.
    Mortgage {
        /// The owner and the share of the whole; `None` for the object, by all its owners.
        share: Option<(Pid, Ratio)>,
        /// In favour of whom.
        creditor: Pid,
        /// Order among mortgages; 1 is paid first.
        rank: u32,
        /// The secured sum.
        amount: Amount,
        /// Its last second.
        until: Option<Timestamp>,
    },
    /// A restriction ends: asked for by the one in whose favour it is.
    Discharge {
        /// Its number.
        restriction: u64,
    },
    /// Somebody else uses the object.
    Lease {
        /// Who.
        tenant: Pid,
        /// What for, one to 32 names.
        acts: Vec<String>,
        /// Its last second.
        until: Timestamp,
    },
    /// Somebody else may use the object in a limited way.
    Easement {
        /// Who.
        favour: Pid,
        /// Its last second.
        until: Option<Timestamp>,
    },
    /// A prohibition, a right of pre-emption or a caution.
    Restrict {
        /// Which of the three.
        kind: RestrictionKind,
        /// In favour of whom.
        favour: Pid,
        /// Its last second.
        until: Option<Timestamp>,
    },
    /// The object becomes several.
    Subdivide {
        /// Two to 16 pieces.
        pieces: Vec<Piece>,
    },
    /// The object and others become one.
    Merge {
        /// The others, one to 15.
        others: Vec<u64>,
        /// Number of the new object in the world.
        ref_no: String,
        /// blake3 of its description.
        meta: Hash,
    },
    /// Something is set right.
    Rectify {
        /// What.
        correction: Correction,
        /// blake3 of the document that shows it.
        doc: Hash,
    },
}

/// Shares as the register keeps them.
///
/// # Errors
/// `BadArgument` for no fraction, `ZeroAmount` for nothing.
pub(crate) fn fraction((num, den): Ratio) -> Result<Fraction, Refusal> {
    let part = Fraction::new(num, den).ok_or_else(|| Refusal::argument("part"))?;
    ensure!(!part.is_zero(), Refusal::ZeroAmount);
    Ok(part)
}

/// Shares of parties, in exact fractions.
///
/// # Errors
/// `BadArgument` for no fraction, `ZeroAmount` for nothing.
pub(crate) fn shares_of(shares: &[(Pid, Ratio)]) -> Result<Vec<Share>, Refusal> {
    // What is no fraction comes before what is nothing.
    let fractions = shares.iter().all(|(_, (_, den))| *den != 0);
    ensure!(fractions, Refusal::argument("part"));
    let exact = shares.iter().map(|(holder, ratio)| {
        let (holder, part) = (*holder, fraction(*ratio)?);
        Ok(Share { holder, part })
    });
    exact.collect()
}

/// Refuses a number in the world that is none.
///
/// # Errors
/// `BadArgument`, `LimitExceeded`.
pub(crate) fn check_ref_no(ref_no: &str) -> Result<(), Refusal> {
    ensure!(!ref_no.is_empty(), Refusal::argument("ref_no"));
    bounded(ref_no.len(), NAME_BYTES_MAX)
}

fn check_end(until: Option<Timestamp>, now: Timestamp) -> Result<(), Refusal> {
    let ahead = until.is_none_or(|until| !deadline::started(now, until));
    ensure!(ahead, Refusal::argument("until"));
    Ok(())
}

/// True if no item is there twice. Lists here are short, and sorting is long in code.
pub(crate) fn distinct<T: PartialEq>(items: impl Iterator<Item = T> + Clone) -> bool {
    let mut rest = items;
    while let Some(item) = rest.next() {
        if rest.clone().any(|other| other == item) {
            return false;
        }
    }
    true
}

impl Request {
    /// Refuses what makes no sense whatever the register says.
    ///
    /// # Errors
    /// `BadArgument`, `ZeroAmount`, `LimitExceeded`, `BadDocument`.
    pub(crate) fn check(&self, object: u64, now: Timestamp) -> Result<(), Refusal> {
        match self {
            Self::FirstOwnership { shares } => {
                bounded(shares.len(), OWNERS_MAX)?;
                let holders = shares.iter().map(|(holder, _)| *holder);
                ensure!(distinct(holders), Refusal::argument("shares"));
                shares_of(shares).map(drop)
            }
            Self::TransferShare { part, .. } => fraction(*part).map(drop),
            Self::Mortgage {
                share,
                rank,
                amount,
                until,
                ..
            } => {
                ensure!(*rank > 0, Refusal::argument("rank"));
                check_end(*until, now)?;
                if let Some((_, part)) = share {
                    fraction(*part)?;
                }
                ensure!(!amount.is_zero(), Refusal::ZeroAmount);
                Ok(())
            }
            Self::Discharge { .. } => Ok(()),
            Self::Lease { acts, until, .. } => {
                check_end(Some(*until), now)?;
                check_acts(acts)
            }
            Self::Easement { until, .. } => check_end(*until, now),
            Self::Restrict { kind, until, .. } => {
                use RestrictionKind::{Caution, PreEmption, Prohibition};
                let fits = matches!(kind, Prohibition | PreEmption | Caution);
                ensure!(fits, Refusal::argument("kind"));
                check_end(*until, now)
            }
            Self::Subdivide { pieces } => check_pieces(pieces),
            Self::Merge {
                others,
                ref_no,
                meta,
            } => {
                ensure!(!others.is_empty(), Refusal::argument("others"));
                bounded(others.len().saturating_add(1), PARTS_MAX)?;
                let all = others.iter().chain([&object]);
                ensure!(distinct(all), Refusal::argument("others"));
                check_ref_no(ref_no)?;
                ensure!(*meta != Hash::ZERO, Refusal::BadDocument);
                Ok(())
            }
            Self::Rectify { correction, doc } => {
                correction.check()?;
                ensure!(*doc != Hash::ZERO, Refusal::BadDocument);
                Ok(())
            }
        }
    }

    /// True if objects of this class know the request.
    pub(crate) const fn fits(&self, class: Class) -> bool {
        match self {
            Self::Subdivide { .. } | Self::Merge { .. } | Self::Easement { .. } => {
                matches!(class, Class::Parcel)
            }
            Self::Rectify { .. } | Self::FirstOwnership { .. } => {
                !matches!(class, Class::TransferableRecord | Class::Utility)
            }
            Self::TransferShare { .. } => true,
            Self::Mortgage { .. }
            | Self::Discharge { .. }
            | Self::Lease { .. }
            | Self::Restrict { .. } => {
                matches!(class, Class::Parcel | Class::IpRight | Class::Concession)
            }
        }
    }

    /// What an arrest or a prohibition must leave free for it.
    pub(crate) const fn needs(&self) -> Blocks {
        match self {
            Self::FirstOwnership { .. } | Self::TransferShare { .. } => Blocks {
                transfer: true,
                ..Blocks::NOTHING
            },
            Self::Mortgage { .. } | Self::Easement { .. } | Self::Restrict { .. } => Blocks {
                encumber: true,
                ..Blocks::NOTHING
            },
            Self::Lease { .. } => Blocks {
                encumber: true,
                usage: true,
                ..Blocks::NOTHING
            },
            Self::Subdivide { .. } | Self::Merge { .. } => Blocks::DISPOSAL,
            Self::Discharge { .. } | Self::Rectify { .. } => Blocks::NOTHING,
        }
    }
}

impl Correction {
    fn check(&self) -> Result<(), Refusal> {
        match self {
            Self::RefNo(ref_no) => check_ref_no(ref_no),
            Self::Area(area) => {
                ensure!(!area.is_zero(), Refusal::ZeroAmount);
                Ok(())
            }
            Self::Meta(hash) | Self::Duty(hash, _) | Self::DutyEnded(hash) => {
                ensure!(*hash != Hash::ZERO, Refusal::BadDocument);
                Ok(())
            }
        }
    }
}

fn check_pieces(pieces: &[Piece]) -> Result<(), Refusal> {
    ensure!(pieces.len() > 1, Refusal::argument("pieces"));
    bounded(pieces.len(), PARTS_MAX)?;
    let ref_nos = pieces.iter().map(|piece| &piece.ref_no);
    ensure!(distinct(ref_nos), Refusal::argument("pieces"));
    for piece in pieces {
        check_ref_no(&piece.ref_no)?;
    }
    let measured = pieces.iter().all(|piece| !piece.area.is_zero());
    ensure!(measured, Refusal::ZeroAmount);
    let described = pieces.iter().all(|piece| piece.meta != Hash::ZERO);
    ensure!(described, Refusal::BadDocument);
    Ok(())
}

/// How an application ended.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Decision {
    /// Not yet.
    Pending,
    /// Entered into the register, on this document.
    Registered(Hash),
    /// Refused, for this reason.
    Rejected(String),
    /// Taken back by the applicant.
    Withdrawn,
}

/// How far an application has come, as a reader sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum ApplicationState {
    /// First on its objects; consents are missing.
    Received,
    /// An earlier application on one of its objects is not decided yet.
    Queued,
    /// First on its objects, all consents there.
    Consented,
    /// Entered into the register.
    Registered,
    /// Refused.
    Rejected,
    /// Taken back.
    Withdrawn,
}

/// A party's consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Consent {
    /// Whose.
    pub party: Pid,
    /// For which owners: the count of changes of the objects' owners when it was given.
    pub owners: u64,
}

/// What somebody applied for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Application {
    /// The object, the first one of a merger.
    pub object: u64,
    /// What is to be registered.
    pub request: Request,
    /// Who applied.
    pub applicant: Pid,
    /// The documents it rests on.
    pub docs: Vec<Hash>,
    /// When it came in.
    pub at: Timestamp,
    /// First second at which it can be registered.
    pub from: Timestamp,
    /// Consents given; they count while the owners stay the same.
    pub consents: Vec<Consent>,
    /// How it ended.
    pub decision: Decision,
    /// When it ended.
    pub decided_at: Option<Timestamp>,
}

impl Application {
    /// All objects it is about.
    pub(crate) fn objects(&self) -> Vec<u64> {
        let mut objects = Vec::from([self.object]);
        if let Request::Merge { others, .. } = &self.request {
            objects.extend(others);
        }
        objects
    }

    /// Refuses what is decided.
    ///
    /// # Errors
    /// `BadState`.
    pub(crate) fn pending(&self) -> Result<(), Refusal> {
        ensure!(self.decision == Decision::Pending, Refusal::BadState);
        Ok(())
    }
}
