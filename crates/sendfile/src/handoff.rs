//! How a body has the kernel send part of a file (`sendfile`), though hyper carries only memory.
//!
//! A body [places](Handoff::place) a [`Segment`] and yields a *placeholder*: bytes of one region of
//! memory that serves no other purpose, so that their address says what they are. They pass through
//! the service like any others. [`Outgoing`](super::outgoing::Outgoing), the outermost body, turns
//! placeholder and segment into one [`Wire::File`], which hyper queues without copying; the
//! [`Socket`](super::socket::Socket) sends the file where it is given the placeholder to write.
//!
//! Placeholder bytes must never be sent. Each step therefore checks the one before, and what does
//! not fit ends the connection before another byte is written on it:
//! - A segment placed must come out of the service as its placeholder, whole, at once and alone. A
//!   layer that copies, compresses, splits, joins or holds bodies back is noticed here.
//! - Each placeholder that the socket is asked to write was announced by its [`Wire::File`] in the
//!   same call ([`Ledger::announced`]), with file and position.
//! - hyper may pass over bytes of a file only after the socket sent as many. Were it ever to copy
//!   its queue together instead (as it does without `writev`), this breaks before the first write.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::head::Requests;
use super::wire::{FilePart, Wire};

/// Never written and so never in memory: the pages of a fresh allocation of zeros.
static PLACEHOLDER: LazyLock<Box<[u8]>> = LazyLock::new(|| vec![0; Handoff::MAX_LEN].into());

/// Bytes of a file: `len` of them from `offset`.
#[derive(Debug, Clone)]
pub struct Segment {
    /// Read by position alone, so that many can share it.
    pub file: Arc<File>,
    /// Where they start.
    pub offset: u64,
    /// How many; above zero, at most [`Handoff::MAX_LEN`].
    pub len: usize,
}

/// Counts the connections that begin to wait, so that they can be put in order.
static TURNS: AtomicU64 = AtomicU64::new(1);

/// Lets a body hand segments of files to the connection that its request came in on; found among
/// the request's extensions.
#[derive(Debug, Clone)]
pub struct Handoff(Ledger);

impl Handoff {
    /// The most bytes that one segment may have. Between two segments other connections get their
    /// turn, so this is also how unfair one listener can be.
    pub const MAX_LEN: usize = 1024 * 1024;

    pub(super) fn new(ledger: Ledger) -> Self {
        Self(ledger)
    }

    /// Places the next bytes to be sent, and returns the placeholder to yield for them at once.
    /// Fails if the one before has not been taken: then the body is not where it should be.
    pub fn place(&self, segment: Segment) -> io::Result<Bytes> {
        if segment.len == 0 || segment.len > Self::MAX_LEN {
            return Err(broken("a segment has an impossible length"));
        }
        let placeholder = Bytes::from_static(placeholder(segment.len));
        let mut state = self.0.lock();
        if state.placed.is_some() {
            return Err(broken("a segment was placed before the last was taken"));
        }
        state.placed = Some(segment);
        Ok(placeholder)
    }
}

/// The placeholder of `len` bytes.
pub(super) fn placeholder(len: usize) -> &'static [u8] {
    &PLACEHOLDER[..len]
}

/// Whether these bytes are a placeholder, by their address.
pub(super) fn is_placeholder(bytes: &[u8]) -> bool {
    !bytes.is_empty() && PLACEHOLDER.as_ptr_range().contains(&bytes.as_ptr())
}

/// What one connection's body, queue and socket agree on.
#[derive(Debug, Clone, Default)]
pub(super) struct Ledger(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// Requests whose heads have arrived.
    started: AtomicU32,
    /// Requests whose responses hyper has in its queue, whole.
    answered: AtomicU32,
    /// When the connection began to wait for a request, in turns; 0: it does not.
    idle_since: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    /// By the body, not yet seen to leave the service.
    placed: Option<Segment>,
    /// The first file part in the queue that is about to be written.
    first: Option<Segment>,
    /// How many file parts there are in that queue.
    announced: usize,
    /// Bytes that went out by `sendfile` and that hyper has not passed over yet.
    sent: usize,
    /// hyper passed over bytes that were never sent.
    broken: bool,
}

impl Ledger {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a request's head has arrived.
    pub(super) fn request_started(&self) {
        self.0.started.fetch_add(1, Ordering::Relaxed);
        self.0.idle_since.store(0, Ordering::Relaxed);
    }

    /// Notes that nothing is left to send, and no request has arrived in full.
    pub(super) fn waits_for_request(&self) {
        if self.0.idle_since.load(Ordering::Relaxed) == 0 {
            self.0.idle_since.store(TURNS.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    /// Since when the connection waits for a request, if it does.
    pub(super) fn idle_since(&self) -> Option<u64> {
        Some(self.0.idle_since.load(Ordering::Relaxed)).filter(|since| *since > 0)
    }

    /// Notes that hyper has the whole response.
    pub(super) fn request_answered(&self) {
        self.0.answered.fetch_add(1, Ordering::Relaxed);
    }

    /// How far the connection's requests have come. One task reads and writes these numbers.
    pub(super) fn requests(&self) -> Requests {
        let started = self.0.started.load(Ordering::Relaxed);
        Requests { started, answering: started != self.0.answered.load(Ordering::Relaxed) }
    }

    /// Pairs bytes that left the service with what was placed; the one must fit the other.
    pub(super) fn pair(&self, bytes: Bytes) -> io::Result<Wire> {
        match (self.lock().placed.take(), is_placeholder(&bytes)) {
            (None, false) => Ok(Wire::Memory(bytes)),
            (Some(segment), true) if segment.len == bytes.len() => {
                Ok(Wire::File(FilePart::new(segment, self.clone())))
            }
            _ => Err(broken("a body's placeholder was changed on its way")),
        }
    }

    /// Checks that nothing placed is held back in the service.
    pub(super) fn nothing_placed(&self) -> io::Result<()> {
        match self.lock().placed.take() {
            None => Ok(()),
            Some(_) => Err(broken("a body's placeholder was held back")),
        }
    }

    /// The first file part of the queue that is being written and how many there are; asked once a
    /// write. Fails if the accounts of the last write do not balance.
    pub(super) fn announced(&self) -> io::Result<(Option<Segment>, usize)> {
        let mut state = self.lock();
        if state.broken || state.sent != 0 {
            return Err(broken("bytes of a file were sent and not passed over, or the reverse"));
        }
        Ok((state.first.take(), std::mem::take(&mut state.announced)))
    }

    /// Notes a file part in the queue that is about to be written, in the queue's order.
    pub(super) fn announce(&self, segment: &Segment) {
        let mut state = self.lock();
        state.announced += 1;
        state.first.get_or_insert_with(|| segment.clone());
    }

    /// Notes bytes of a file that hyper counts as written.
    pub(super) fn passed_over(&self, bytes: usize) {
        let mut state = self.lock();
        match state.sent.checked_sub(bytes) {
            Some(sent) => state.sent = sent,
            None => state.broken = true,
        }
    }

    /// Notes bytes that `sendfile` sent.
    pub(super) fn sent(&self, bytes: usize) {
        self.lock().sent += bytes;
    }
}

pub(super) fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use bytes::Buf as _;

    use super::*;

    fn segment(len: usize) -> Segment {
        Segment { file: Arc::new(tempfile::tempfile().unwrap()), offset: 7, len }
    }

    fn handoff() -> (Handoff, Ledger) {
        let ledger = Ledger::default();
        (Handoff::new(ledger.clone()), ledger)
    }

    fn announce(wire: &Wire) -> usize {
        wire.chunks_vectored(&mut [io::IoSlice::new(&[]); 4])
    }

    #[test]
    fn a_placed_segment_and_its_placeholder_become_one_part() {
        let (handoff, ledger) = handoff();
        let wire = ledger.pair(handoff.place(segment(100)).unwrap()).unwrap();
        assert_eq!(wire.remaining(), 100);
        assert!(is_placeholder(wire.chunk()));
        assert_eq!(announce(&wire), 1);
        let (first, count) = ledger.announced().unwrap();
        assert_eq!((first.unwrap().offset, count), (7, 1));
    }

    #[test]
    fn ordinary_bytes_pass_as_they_are() {
        let (_, ledger) = handoff();
        assert!(matches!(ledger.pair(Bytes::from_static(b"x")), Ok(Wire::Memory(_))));
    }

    #[test]
    fn a_copied_split_or_borrowed_placeholder_is_refused() {
        for tamper in [
            |bytes: Bytes| Bytes::copy_from_slice(&bytes),
            |bytes: Bytes| bytes.slice(..50),
            |bytes: Bytes| bytes.slice(50..),
            |_: Bytes| Bytes::new(),
        ] {
            let (handoff, ledger) = handoff();
            let placeholder = handoff.place(segment(100)).unwrap();
            assert!(ledger.pair(tamper(placeholder)).is_err());
        }
        let (handoff, _) = handoff();
        let of_another_connection = handoff.place(segment(100)).unwrap();
        assert!(Ledger::default().pair(of_another_connection).is_err());
    }

    #[test]
    fn a_placeholder_that_is_held_back_is_noticed_on_both_sides() {
        let (handoff, ledger) = handoff();
        handoff.place(segment(100)).unwrap();
        assert!(handoff.place(segment(100)).is_err());
        assert!(ledger.nothing_placed().is_err());
    }

    #[test]
    fn bytes_passed_over_must_have_been_sent() {
        let (handoff, ledger) = handoff();
        let mut wire = ledger.pair(handoff.place(segment(100)).unwrap()).unwrap();
        ledger.sent(60);
        wire.advance(60);
        assert!(ledger.announced().is_ok());
        wire.advance(1);
        assert!(ledger.announced().is_err());
    }

    #[test]
    fn bytes_sent_must_be_passed_over_before_the_next_write() {
        let (handoff, ledger) = handoff();
        let mut wire = ledger.pair(handoff.place(segment(100)).unwrap()).unwrap();
        ledger.sent(60);
        wire.advance(59);
        assert!(ledger.announced().is_err());
    }

    #[test]
    fn a_queue_that_copies_is_stopped_before_it_writes() {
        // What hyper does without writev: all the bytes into one buffer, then a write of that.
        let (handoff, ledger) = handoff();
        let mut wire = ledger.pair(handoff.place(segment(100)).unwrap()).unwrap();
        let _flattened = wire.copy_to_bytes(100);
        assert!(ledger.announced().is_err());
    }

    #[test]
    fn a_segment_must_have_a_length_that_a_placeholder_can_show() {
        let (handoff, _) = handoff();
        assert!(handoff.place(segment(0)).is_err());
        assert!(handoff.place(segment(Handoff::MAX_LEN + 1)).is_err());
    }
}
