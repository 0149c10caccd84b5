//! The numbers of refusals, written out from the table of the specification.

/// A refusal's number; 0 is never used: what succeeds has no code.
pub type Code = u16;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal,)*) => {
        $($(#[$doc])* pub const $name: Code = $number;)*
    };
}

codes! {
    /// Not this caller's to do.
    UNAUTHORIZED = 1,
    /// Market acts are stopped.
    PAUSED = 2,
    /// The contract has ended.
    DEACTIVATED = 3,
    /// There is no such thing.
    NOT_FOUND = 4,
    /// There is one already.
    ALREADY_EXISTS = 5,
    /// Not in this state.
    BAD_STATE = 6,
    /// The argument makes no sense.
    BAD_ARGUMENT = 7,
    /// Nothing to do with nothing.
    ZERO_AMOUNT = 8,
    /// More than a number can hold.
    OVERFLOW = 9,
    /// Too late.
    DEADLINE_PASSED = 10,
    /// Too early.
    TOO_EARLY = 11,
    /// More than may be.
    LIMIT_EXCEEDED = 13,
    /// Not signed by whom it must be.
    BAD_SIGNATURE = 14,
    /// Not the next number.
    NONCE_USED = 15,
    /// It takes somebody else.
    DUTY_CONFLICT = 16,
    /// No document.
    BAD_DOCUMENT = 17,
    /// The document was used before.
    DUPLICATE_DOCUMENT = 18,
    /// A directive of the regulator.
    HALTED = 19,
    /// Unknown, not approved, or a wallet out of use.
    NOT_VETTED = 100,
    /// Suspended.
    SUSPENDED = 101,
    /// On a list.
    SANCTIONS_HIT = 102,
    /// Frozen as a party.
    PARTY_FROZEN = 103,
    /// What is known is out of date.
    KYC_EXPIRED = 104,
    /// Screened too long ago.
    SCREENING_STALE = 105,
    /// Not from this country.
    JURISDICTION = 106,
    /// Outside the fence.
    RING_FENCE = 107,
    /// Not authorised.
    NOT_AUTHORISED = 108,
    /// Not qualified.
    NOT_QUALIFIED = 109,
    /// More than somebody may take in a year.
    ANNUAL_LIMIT = 110,
    /// One holder too many.
    HOLDER_CAP = 111,
    /// More than one may hold.
    MAX_BALANCE = 112,
    /// Too much in this window.
    VELOCITY = 113,
    /// It takes a preclearance.
    NEEDS_PRECLEARANCE = 114,
    /// It takes a note.
    TRAVEL_RULE = 115,
    /// Not for this purpose.
    PURPOSE_VIOLATION = 116,
    /// An order or a restriction stops it.
    OBJECT_RESTRICTED = 117,
    /// More than there is.
    INSUFFICIENT_BALANCE = 200,
    /// More than was allowed.
    INSUFFICIENT_ALLOWANCE = 201,
    /// Orders claim it.
    FROZEN_AMOUNT = 202,
    /// Holds have it.
    HELD_AMOUNT = 203,
    /// It is locked.
    LOCKED_AMOUNT = 204,
    /// More than there may ever be.
    CAP_EXCEEDED = 205,
    /// The token cannot.
    NOT_CAPABLE = 206,
    /// The hold is over.
    HOLD_EXPIRED = 207,
    /// The hold is not over.
    HOLD_NOT_EXPIRED = 208,
    /// Held for somebody else.
    WRONG_DESTINATION = 209,
    /// Documents do not comply.
    NOT_COMPLYING = 400,
    /// More than can be drawn.
    OVER_DRAWN = 401,
    /// All or nothing.
    PARTIAL_NOT_ALLOWED = 402,
    /// An instalment was not drawn in its time.
    INSTALMENT_LAPSED = 403,
    /// Presented or completed too late.
    LATE_PRESENTATION = 404,
    /// The time to refuse is over.
    PRECLUDED = 405,
    /// Something is presented.
    OPEN_PRESENTATION = 406,
    /// Nobody knows about a condition.
    CONDITION_UNKNOWN = 407,
    /// A condition is breached.
    CONDITION_BREACHED = 408,
    /// The clock stands still.
    CLOCK_SUSPENDED = 409,
    /// Not enough is set aside.
    NOT_FUNDED = 500,
    /// What is known is too old.
    STALE = 653,
    /// Too far from the rate of the day.
    PRICE_BAND = 700,
    /// Parts do not add up.
    SHARES_MISMATCH = 300,
    /// Another mortgage has this rank.
    RANK_TAKEN = 301,
    /// Somebody has not consented.
    CONSENT_MISSING = 302,
    /// It never changes hands, or not again.
    NOT_TRANSFERABLE = 303,
    /// Something rests on it.
    ENCUMBERED = 304,
    /// Areas do not add up.
    AREA_MISMATCH = 305,
    /// Somebody else controls it.
    NOT_CONTROLLER = 306,
    /// The right is over.
    RIGHT_EXPIRED = 307,
}

/// Refuses with `code` unless `holds`.
///
/// # Errors
/// `code`.
pub const fn need(holds: bool, code: Code) -> Result<(), Code> {
    if holds { Ok(()) } else { Err(code) }
}
