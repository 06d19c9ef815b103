//! Decides which objects of the quarantine become recordings again. Of several objects of one
//! recording the newest counts; an object never replaces a recording that plays, and never brings
//! back what somebody deleted.

use std::{cmp::Reverse, collections::BTreeMap};

use crate::model::{Adoption, AdoptionRefusal, AdoptionTarget, Description};

/// Whether an object whose bytes fit its description becomes this recording.
pub fn adopt(target: AdoptionTarget) -> Adoption {
    match target {
        AdoptionTarget::Unknown => Adoption::Publish { registers: true, supersedes: None },
        AdoptionTarget::WithoutBytes { active_run } => {
            Adoption::Publish { registers: false, supersedes: active_run }
        }
        AdoptionTarget::Ready => Adoption::Refuse(AdoptionRefusal::Ready),
        AdoptionTarget::Deleted => Adoption::Refuse(AdoptionRefusal::Deleted),
        AdoptionTarget::Erased => Adoption::Refuse(AdoptionRefusal::Erased),
    }
}

/// Groups descriptions by recording, each group with the newest first.
pub fn newest_first(descriptions: Vec<Description>) -> Vec<Vec<Description>> {
    let mut groups: BTreeMap<_, Vec<Description>> = BTreeMap::new();
    for description in descriptions {
        let recording = (description.call_sid.to_string(), description.part);
        groups.entry(recording).or_default().push(description);
    }
    for group in groups.values_mut() {
        group.sort_by_key(|object| Reverse((object.stored_at, object.key.to_string())));
    }
    groups.into_values().collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use shared::CallSid;

    use super::*;
    use crate::model::{Fence, ObjectKey, RunId, Sha256Hex};

    #[test]
    fn an_object_becomes_a_recording_that_has_no_bytes_and_ends_its_active_run() {
        let run = RunId::new();
        let publish = |registers, supersedes| Adoption::Publish { registers, supersedes };
        assert_eq!(adopt(AdoptionTarget::Unknown), publish(true, None));
        let without = |active_run| adopt(AdoptionTarget::WithoutBytes { active_run });
        assert_eq!(without(None), publish(false, None));
        assert_eq!(without(Some(run)), publish(false, Some(run)));
    }

    #[test]
    fn an_object_never_replaces_a_recording_and_never_brings_back_what_was_deleted() {
        for (target, why) in [
            (AdoptionTarget::Ready, AdoptionRefusal::Ready),
            (AdoptionTarget::Deleted, AdoptionRefusal::Deleted),
            (AdoptionTarget::Erased, AdoptionRefusal::Erased),
        ] {
            assert_eq!(adopt(target), Adoption::Refuse(why));
        }
    }

    #[test]
    fn the_newest_object_of_a_recording_comes_first() {
        let described = |call: &str, part, stored_at| {
            let call_sid: CallSid = call.parse().unwrap();
            let sha256 = Sha256Hex::from_digest(&[0; 32]);
            Description {
                key: ObjectKey::new(&call_sid, RunId::new(), Fence(1)),
                call_sid,
                recording_id: None,
                part,
                source: None,
                account: None,
                provider_id: None,
                content_type: "audio/wav".to_owned(),
                bytes: 1,
                sha256: sha256.clone(),
                source_sha256: sha256,
                duration_seconds: None,
                channels: None,
                stored_at: Timestamp::from_second(stored_at).unwrap(),
            }
        };
        let descriptions = [("CA1", 1, 1), ("CA2", 1, 5), ("CA1", 2, 3), ("CA1", 1, 4)];
        let descriptions = descriptions.map(|(call, part, at)| described(call, part, at));
        let grouped = newest_first(descriptions.into());
        let times = |group: Vec<Description>| {
            group.iter().map(|one| one.stored_at.as_second()).collect::<Vec<_>>()
        };
        assert_eq!(
            grouped.into_iter().map(times).collect::<Vec<_>>(),
            [vec![4, 1], vec![3], vec![5]]
        );
    }
}
