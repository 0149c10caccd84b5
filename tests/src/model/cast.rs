//! Who takes part: numbers for wallets, contracts and nobody.
//!
//! The model knows no addresses. Whoever runs it against contracts gives each number one.

/// A wallet, a contract, or nobody.
pub type Who = u8;

/// The address without an owner.
pub const NOBODY: Who = 0;
/// The token.
pub const TOKEN: Who = 1;
/// The register of participants.
pub const REGISTER: Who = 2;
/// The escrow.
pub const ESCROW: Who = 3;
/// The registry of rights.
pub const RIGHTS: Who = 4;

/// Another token, in which exporters may be paid.
pub const TOKEN_2: Who = 5;
/// What is known from outside: conditions, rates, lots.
pub const OUTSIDE: Who = 6;

macro_rules! people {
    ($($(#[$doc:meta])* $name:ident = $number:literal,)*) => {
        $($(#[$doc])* pub const $name: Who = $number;)*
        /// Everybody with a key.
        pub const PEOPLE: &[Who] = &[$($name),*];
    };
}

people! {
    /// ADMIN everywhere.
    ADMIN = 8,
    /// PAUSER everywhere.
    PAUSER = 9,
    /// COMPLIANCE.
    COMPLIANCE = 10,
    /// COMPLIANCE, another person.
    COMPLIANCE_2 = 11,
    /// REGULATOR.
    REGULATOR = 12,
    /// REGULATOR, another person.
    REGULATOR_2 = 13,
    /// MINTER.
    MINTER = 14,
    /// MINTER, another person.
    MINTER_2 = 15,
    /// ISSUER of the token.
    ISSUER = 16,
    /// Keeps the register of the issue; a System where there is a register.
    SYSTEM = 17,
    /// ENFORCER.
    ENFORCER = 18,
    /// OPERATOR.
    OPERATOR = 19,
    /// OPERATOR, another person.
    OPERATOR_2 = 20,
    /// SCREENER.
    SCREENER = 21,
    /// REGISTRAR of the registry of rights.
    REGISTRAR = 22,
    /// REGISTRAR, another person.
    REGISTRAR_2 = 23,
    /// ARBITER.
    ARBITER = 24,
    /// A resident.
    ANN = 30,
    /// The same resident's second wallet.
    ANN_2 = 31,
    /// A resident.
    BOB = 32,
    /// A non-resident.
    CAT = 33,
    /// A resident, importer of the trades.
    IMP = 34,
    /// A non-resident, exporter of the trades.
    EXP = 35,
    /// An operator of foreign-trade units.
    OP = 36,
    /// Another operator.
    OP_2 = 37,
    /// A bank.
    BANK = 38,
    /// Another bank.
    BANK_2 = 39,
    /// Executes holds.
    NOTARY = 40,
    /// Nobody knows it.
    STRANGER = 41,
}

/// Those who hold units.
pub const HOLDERS: &[Who] = &[ANN, ANN_2, BOB, CAT, IMP, EXP, OP, OP_2];
