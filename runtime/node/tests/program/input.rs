//! Files of one's own for the demonstration.

use std::path::Path;
use weighhouse_primitives::Hash;

/// An issuance to six subscribers, in a folder that is made; the register adds up to the cap.
pub(crate) fn issuance(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let terms = "the terms";
    let decision = format!(
        "name = \"Notes\"\nsymbol = \"N1\"\ndecimals = 2\ncap = \"100.00\"\n\
         [issuer]\nname = \"Issuer\"\nnumber = \"1\"\n\
         [terms]\ndocument = \"terms.md\"\nblake3 = \"{}\"\n\
         [dates]\ndecided = 2026-01-12\nopens = 2026-01-19\ncloses = 2026-02-13\n\
         issued = 2026-02-16\nmatures = 2027-02-16\n",
        Hash::of(terms.as_bytes())
    );
    let mut register = String::from("commitment,amount\n");
    for (digit, amount) in (1..).zip(["1.00", "0.01", "40", "3.5", "0.99", "54.5"]) {
        let commitment = digit.to_string().repeat(64);
        register.push_str(&format!("0x{commitment},{amount}\n"));
    }
    std::fs::write(folder.join("decision.toml"), decision).unwrap();
    std::fs::write(folder.join("register.csv"), register).unwrap();
    std::fs::write(folder.join("terms.md"), terms).unwrap();
}
