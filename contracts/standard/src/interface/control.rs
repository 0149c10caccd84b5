//! Control of transferable records, such as an electronic bill of lading.

use super::Pid;
use weighhouse_sdk::prelude::*;

/// Where a transferable record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum RecordState {
    /// Issued, perhaps endorsed.
    Issued,
    /// Its control is pledged to a contract.
    Presented,
    /// Given up for what it stands for.
    Surrendered,
    /// Replaced by paper.
    ConvertedToPaper,
}

/// A transferable record as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct RecordView {
    /// Commitment to the business number.
    pub ref_no: Hash,
    /// Hash of the document.
    pub doc: Hash,
    /// Who issued it.
    pub issuer: Option<Pid>,
    /// The one who controls it: a wallet, or the contract to which it is pledged.
    pub controller: Address,
    /// Who pledged it and gets it back, while it is pledged.
    pub pledgor: Option<Address>,
    /// Where it stands.
    pub state: RecordState,
}

/// A registry of transferable records.
#[contract]
pub trait Control {
    /// The one who controls a live record.
    #[query]
    fn controller(&self, id: u64) -> Option<Address>;

    /// A transferable record.
    #[query]
    fn record(&self, id: u64) -> Option<RecordView>;

    /// The controller gives control to `contract`, which alone can endorse it on or return it.
    #[call(check)]
    fn pledge_control(&mut self, id: u64, contract: Address);

    /// The contract to which control is pledged gives it back to the pledgor.
    #[call(check)]
    fn return_control(&mut self, id: u64);

    /// The controller, or the contract to which control is pledged, gives it to `to`.
    #[call(check)]
    fn endorse(&mut self, id: u64, to: Address);
}
