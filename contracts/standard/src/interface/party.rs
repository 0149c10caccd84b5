//! Who a participant is, what is known of it, what it may do.

use weighhouse_sdk::Buffer;
use weighhouse_sdk::prelude::*;
use weighhouse_sdk::storage::StorageKey;

/// Number of a participant: from 1, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Describe)]
pub struct Pid(pub u64);

impl StorageKey for Pid {
    fn write(&self, out: &mut Buffer) {
        self.0.write(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        u64::read(input).map(Self)
    }
}

/// A country, two letters of ISO 3166.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Describe)]
pub struct Country(pub [u8; 2]);

/// What kind of party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum PartyKind {
    /// A natural person.
    Natural,
    /// A natural person in business.
    SoleTrader,
    /// A legal person.
    Legal,
    /// A body of the state.
    Public,
    /// A contract or another machine that holds or executes for others.
    System,
}

/// Of which side of the border, for currency control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Residency {
    /// A resident.
    Resident,
    /// Not a resident.
    NonResident,
}

/// Whether it may buy what only qualified investors may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Qualification {
    /// It may not.
    NonQualified,
    /// It may, up to and including that second.
    Qualified {
        /// The last second.
        until: Timestamp,
    },
}

/// Where a participant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum PartyStatus {
    /// Registered by one officer, not approved yet.
    Pending,
    /// Vetted.
    Active,
    /// Stopped; can be reinstated.
    Suspended,
    /// Stopped for ever.
    Closed,
}

/// What screening against a list found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum ScreeningResult {
    /// Nothing.
    Clear,
    /// Something that a person has to look at.
    Review,
    /// The party is on the list.
    Hit,
}

/// The last screening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Screening {
    /// Against which list.
    pub list_id: u32,
    /// In which version.
    pub list_version: u64,
    /// What was found.
    pub result: ScreeningResult,
    /// When.
    pub at: Timestamp,
}

/// What the register knows of a participant; no personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Party {
    /// What kind of party.
    pub kind: PartyKind,
    /// Of which side of the border.
    pub residency: Residency,
    /// Its country.
    pub country: Country,
    /// Whether it is qualified.
    pub qualification: Qualification,
    /// Where it stands.
    pub status: PartyStatus,
    /// Last second at which what is known of it is fresh.
    pub kyc_until: Timestamp,
    /// Risk class, as the officer put it.
    pub risk: u8,
    /// Commitment to its personal data, which stay with the operator.
    pub pii: Hash,
    /// The last screening.
    pub screening: Option<Screening>,
}

/// Where a wallet stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum WalletStatus {
    /// Proposed for a participant, not accepted by the wallet itself.
    Proposed,
    /// In use.
    Active,
    /// Locked by its owner or an officer.
    Locked,
    /// Given up after a recovery, for ever.
    Recovered,
}

/// Whose wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Wallet {
    /// The participant, for ever.
    pub pid: Pid,
    /// Where it stands.
    pub status: WalletStatus,
}

/// What a regulator authorises a participant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Describe)]
pub enum AuthorisationKind {
    /// Operator of an information system in which assets are issued.
    InformationSystemOperator,
    /// Operator of an exchange.
    ExchangeOperator,
    /// Bank that controls currency operations and pays out.
    AuthorisedInstitution,
    /// Operator of the experimental regime for foreign trade.
    ElrOperator,
    /// Bank that issues credits.
    IssuingBank,
    /// Holds for others.
    NomineeHolder,
    /// Holds for others, from abroad.
    ForeignNominee,
    /// Operator of infrastructure.
    InfraOperator,
    /// Operator of a mining pool.
    PoolOperator,
    /// Takes purpose-bound money.
    Merchant,
    /// Vouches for devices.
    DeviceAuthority,
}

impl StorageKey for AuthorisationKind {
    fn write(&self, out: &mut Buffer) {
        self.encode_to(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        Self::decode(input).ok()
    }
}
