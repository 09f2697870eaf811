//! A body that comes in pieces, gathered with no more copies than it needs.

use bytes::{Bytes, BytesMut};

/// A body up to this length is copied out of the buffer of its connection: the buffer, which is many times larger, is then
/// free for what comes next, and does not live on with the payload in history and window.
const SHORT: usize = 16 << 10;

/// What has come of a body.
#[derive(Debug, Default)]
pub struct Gathered {
    limit: usize,
    announced: usize,
    size: usize,
    /// The first piece, as long as it is the only one.
    first: Bytes,
    whole: BytesMut,
}

impl Gathered {
    /// Keeps at most `limit` bytes; `announced` is how many are expected.
    #[must_use]
    pub fn new(limit: usize, announced: u64) -> Self {
        let announced = usize::try_from(announced).unwrap_or(usize::MAX).min(limit);
        Self { limit, announced, ..Self::default() }
    }

    pub fn push(&mut self, data: Bytes) {
        let room = self.limit.saturating_sub(self.size).min(data.len());
        let is_first = self.size == 0;
        self.size += data.len();
        if is_first {
            self.first = data.slice(..room);
            return;
        }
        if self.whole.is_empty() {
            self.whole.reserve(self.announced);
            self.whole.extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.whole.extend_from_slice(&data[..room]);
    }

    /// Bytes that came, kept or not.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// What was kept. A long body that came in a single piece is not copied, any other once.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        match self.whole.is_empty() {
            true if self.first.len() > SHORT => self.first,
            true => Bytes::copy_from_slice(&self.first),
            false => self.whole.freeze(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(limit: usize, pieces: &[Bytes]) -> Gathered {
        let mut gathered = Gathered::new(limit, 0);
        pieces.iter().for_each(|piece| gathered.push(piece.clone()));
        gathered
    }

    #[test]
    fn pieces_become_one_up_to_the_limit() {
        let pieces: Vec<Bytes> = ["ab", "", "cd", "ef"].map(|piece| Bytes::from_static(piece.as_bytes())).into();
        for (limit, kept) in [(10, "abcdef"), (6, "abcdef"), (5, "abcde"), (2, "ab"), (1, "a"), (0, "")] {
            let gathered = gathered(limit, &pieces);
            assert_eq!(gathered.size(), 6);
            assert_eq!(gathered.into_bytes(), kept, "{limit}");
        }
        assert_eq!(gathered(4, &[]).into_bytes(), "");
    }

    #[test]
    fn only_a_short_body_leaves_its_buffer() {
        for (length, same) in [(SHORT, false), (SHORT + 1, true)] {
            let buffer = Bytes::from(vec![b'x'; length]);
            let kept = gathered(1 << 20, std::slice::from_ref(&buffer)).into_bytes();
            assert_eq!((kept.len(), kept.as_ptr() == buffer.as_ptr()), (length, same));
        }
    }
}
