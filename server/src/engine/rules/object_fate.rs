//! Decides what the sweep does with an object of the storage. What the database does not know may be
//! a recording that a restored backup lost, so the sweep removes only what the database proves to be
//! useless; everything else goes into quarantine, from which only an operator removes it.

use jiff::Timestamp;

use crate::model::{KnownObject, KnownRecording, KnownRun, ObjectKey};

/// What the sweep does with an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing: it is needed, or may still be.
    Keep,
    /// Removes it: no recording was ever made of it, or its recording is deleted.
    Remove,
    /// Removes it if this object, which the recording names instead, is present; else
    /// [`Fate::Quarantine`].
    RemoveIfPresent(ObjectKey),
    /// Lists it for the operator.
    Quarantine,
}

/// The fate of the object under `key`. `is_described`: whether a description lies beside it, so that
/// its claim came as far as publishing. A run that ended after `before` may still be cleaning up.
pub fn fate(key: &ObjectKey, known: &KnownObject, is_described: bool, before: Timestamp) -> Fate {
    match &known.recording {
        // The source of what was converted is the only object of a published claim that may go.
        KnownRecording::Ready(named) if key.is_of_same_claim(named) => {
            return if key.is_sound() && key != named {
                Fate::RemoveIfPresent(named.clone())
            } else {
                Fate::Keep
            };
        }
        KnownRecording::Deleted if known.run != KnownRun::Active => return Fate::Remove,
        _ => {}
    }
    match (known.run, &known.recording) {
        (KnownRun::Active, _) => Fate::Keep,
        (KnownRun::Ended { at, .. }, _) if at > before => Fate::Keep,
        // A claim describes its object before it publishes it.
        (KnownRun::Ended { describes: true, .. }, _) if !is_described => Fate::Remove,
        (KnownRun::Ended { .. }, KnownRecording::Ready(named)) => {
            Fate::RemoveIfPresent(named.clone())
        }
        (KnownRun::Unknown | KnownRun::Ended { .. }, _) => Fate::Quarantine,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Fence, RunId};

    fn time(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    /// Later than the runs of these tests ended.
    fn before() -> Timestamp {
        time(1_000)
    }

    fn key() -> ObjectKey {
        ObjectKey::new(&"CA1".parse().unwrap(), RunId::new(), Fence(1))
    }

    const ENDED: KnownRun = KnownRun::Ended { at: Timestamp::UNIX_EPOCH, describes: true };
    const ENDED_BEFORE_0_2: KnownRun =
        KnownRun::Ended { at: Timestamp::UNIX_EPOCH, describes: false };

    fn known(run: KnownRun, recording: KnownRecording) -> KnownObject {
        KnownObject { run, recording }
    }

    #[test]
    fn the_sweep_keeps_what_a_recording_names_and_all_that_lies_beside_it() {
        let named = key().converted();
        for run in [KnownRun::Unknown, KnownRun::Active, ENDED] {
            let known = known(run, KnownRecording::Ready(named.clone()));
            for key in [named.clone(), named.peaks(), named.description()] {
                assert_eq!(fate(&key, &known, true, before()), Fate::Keep, "{key}");
            }
            let [source, ..] = named.of_claim();
            let replaced = Fate::RemoveIfPresent(named.clone());
            assert_eq!(fate(&source, &known, true, before()), replaced);
        }
    }

    #[test]
    fn the_sweep_never_removes_what_the_database_does_not_know() {
        for recording in [KnownRecording::Nothing, KnownRecording::Ready(key())] {
            let known = known(KnownRun::Unknown, recording);
            for is_described in [false, true] {
                assert_eq!(fate(&key(), &known, is_described, before()), Fate::Quarantine);
            }
        }
    }

    #[test]
    fn the_sweep_removes_what_a_claim_left_that_never_published_some_time_after_its_run() {
        let key = key();
        let ended = known(ENDED, KnownRecording::Nothing);
        for key in [key.clone(), key.converted(), key.peaks()] {
            assert_eq!(fate(&key, &ended, false, before()), Fate::Remove);
            assert_eq!(fate(&key, &ended, false, time(-1)), Fate::Keep);
        }
        let active = known(KnownRun::Active, KnownRecording::Nothing);
        assert_eq!(fate(&key, &active, false, before()), Fate::Keep);
    }

    #[test]
    fn an_object_that_was_published_after_the_restored_backup_is_not_removed_with_its_failed_run() {
        // The run was running in the backup, and is stuck after the restore.
        let failed = known(ENDED, KnownRecording::Nothing);
        assert_eq!(fate(&key(), &failed, true, before()), Fate::Quarantine);
        let failed = known(ENDED_BEFORE_0_2, KnownRecording::Nothing);
        assert_eq!(fate(&key(), &failed, false, before()), Fate::Quarantine);
    }

    #[test]
    fn a_replaced_object_is_removed_only_if_its_replacement_is_present() {
        let (old, new) = (key(), key());
        let replaced = known(ENDED, KnownRecording::Ready(new.clone()));
        assert_eq!(fate(&old, &replaced, true, before()), Fate::RemoveIfPresent(new));
    }

    #[test]
    fn the_sweep_removes_what_belongs_to_a_deleted_recording_even_if_the_run_is_unknown() {
        let deleted = |run| known(run, KnownRecording::Deleted);
        assert_eq!(fate(&key(), &deleted(KnownRun::Unknown), true, before()), Fate::Remove);
        assert_eq!(fate(&key(), &deleted(ENDED), true, before()), Fate::Remove);
        assert_eq!(fate(&key(), &deleted(KnownRun::Active), true, before()), Fate::Keep);
    }
}
