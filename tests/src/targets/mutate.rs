//! Changes of bytes by chance, from a seed: what a fuzzer without coverage can do.

use crate::dice::Dice;

/// Bytes of the longest case.
const LONGEST: usize = 16 * 1024;
/// Changes of one case, at most.
const CHANGES: u64 = 6;
/// Numbers at which things go wrong.
const ODD: [u64; 12] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x1_0000_0000,
    0x7fff_ffff_ffff_ffff,
    u64::MAX,
];

/// An entry of the corpus, changed in a few places.
///
/// # Panics
/// If there is no entry.
#[must_use]
pub fn mutate(dice: &mut Dice, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = dice.pick(corpus);
    for _ in 0..=dice.below(CHANGES) {
        change(dice, &mut bytes, corpus);
        bytes.truncate(LONGEST);
    }
    bytes
}

fn change(dice: &mut Dice, bytes: &mut Vec<u8>, corpus: &[Vec<u8>]) {
    let at = dice.index(bytes.len() + 1);
    let rest = bytes.len() - at;
    let some = dice.index(rest + 1).min(1 + dice.index(64));
    match dice.below(9) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << dice.below(8);
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = u8::try_from(dice.below(256)).unwrap_or(0);
            }
        }
        2 => {
            bytes.drain(at..at + some);
        }
        3 => {
            let copy = bytes[at..at + some].to_vec();
            let to = dice.index(bytes.len() + 1);
            bytes.splice(to..to, copy);
        }
        4 => {
            let number = dice.pick(&ODD).to_le_bytes();
            let width = dice.pick(&[1, 2, 4, 8]).min(rest);
            bytes[at..at + width].copy_from_slice(&number[..width]);
        }
        5 => {
            let byte = u8::try_from(dice.below(256)).unwrap_or(0);
            bytes.insert(at, byte);
        }
        6 => bytes.truncate(at),
        7 => {
            let other = dice.pick(corpus);
            let from = dice.index(other.len() + 1);
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
        _ => {
            // A digit, a sign or a bracket of JSON elsewhere.
            let signs = b"0123456789-+.eE\"\\{}[],:ntf ";
            if let Some(byte) = bytes.get_mut(at) {
                *byte = signs[dice.index(signs.len())];
            }
        }
    }
}
