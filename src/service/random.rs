//! Everything that looks random comes from one seed (SplitMix64), so that a run can be repeated byte for byte.

use super::ids::as_uuid_v4;

#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 128 random bits marked as a version 4 UUID.
    pub fn uuid(&mut self) -> u128 {
        as_uuid_v4((u128::from(self.next_u64()) << 64) | u128::from(self.next_u64()))
    }

    /// An X-Ray trace header for an invocation that came without one: not sampled, nobody collects it.
    pub fn trace_header(&mut self, epoch_seconds: u64) -> String {
        let (a, b) = (self.next_u64(), self.next_u64());
        let mut header = String::with_capacity(75);
        header.push_str("Root=1-");
        push_hex(&mut header, epoch_seconds & 0xffff_ffff, 8);
        header.push('-');
        push_hex(&mut header, b >> 32, 8);
        push_hex(&mut header, a, 16);
        header.push_str(";Parent=");
        push_hex(&mut header, b, 16);
        header.push_str(";Sampled=0");
        header
    }
}

/// The lowest digits of a number; by hand, since every invocation needs it.
fn push_hex(text: &mut String, value: u64, digits: u32) {
    for digit in (0..digits).rev() {
        let nibble = (value >> (4 * digit)) & 0xf;
        text.push(char::from(b"0123456789abcdef"[nibble as usize]));
    }
}
