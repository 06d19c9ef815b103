//! The connections above the limit: few, short, and the newest count.

use std::collections::VecDeque;

use tokio_util::sync::CancellationToken;

/// Marks a request that came on a connection above [`Limits::connections`](super::Limits); in its
/// extensions. The service answers what must always be answered (health), and refuses the rest with
/// 503. The connection ends with the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spare;

/// The connections above the limit, oldest first. Those that have ended stay until their turn comes.
#[derive(Debug)]
pub(super) struct SpareConnections {
    most: usize,
    open: VecDeque<CancellationToken>,
}

impl SpareConnections {
    pub(super) fn new(most: usize) -> Self {
        Self { most, open: VecDeque::with_capacity(most) }
    }

    /// Takes a further connection, and closes the oldest if there are too many: one that sends its
    /// request at once is answered long before its turn comes.
    pub(super) fn admit(&mut self, close: CancellationToken) {
        if self.open.len() >= self.most
            && let Some(oldest) = self.open.pop_front()
        {
            oldest.cancel();
        }
        self.open.push_back(close);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_too_many_closes_the_oldest() {
        let tokens: Vec<_> = (0..4).map(|_| CancellationToken::new()).collect();
        let mut spare = SpareConnections::new(2);
        for token in &tokens {
            spare.admit(token.clone());
        }
        let closed: Vec<_> = tokens.iter().map(CancellationToken::is_cancelled).collect();
        assert_eq!(closed, [true, true, false, false]);
    }
}
