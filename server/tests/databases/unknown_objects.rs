//! What the store knows of objects of the storage, the quarantine, and adoption.

use jiff::Timestamp;
use server::{
    engine::rules::{Purpose, adopt},
    model::{
        AdoptionRefusal, Description, FailureKind, Fence, KnownObject, KnownRecording, KnownRun,
        ObjectKey, Quarantined, ReadyRecording, Recording, RunId, Sha256Hex, WorkerId,
    },
    store::{Adoptable, QuarantineSize, Write},
};
use shared::{CallSid, RecordingStatus};

use crate::store::{StoreHarness, recording_of};

pub(crate) async fn the_store_knows_the_run_and_the_recording_of_an_object(harness: StoreHarness) {
    let call = harness.register("CA1").await;
    harness.request(&call, Purpose::Listen).await;
    let run = harness.claim_one(WorkerId::new()).await.run;
    let key = ObjectKey::new(&call, run.id, run.fence);
    let unknown = ObjectKey::new(&call, RunId::new(), run.fence);
    let elsewhere = ObjectKey::new(&"CA404".parse().unwrap(), RunId::new(), run.fence);
    let known = async || {
        let keys = [key.clone(), unknown.clone(), elsewhere.clone()];
        let known = harness.store.known_objects(&keys).await.unwrap();
        <[KnownObject; 3]>::try_from(known).unwrap()
    };
    let nothing = KnownObject { run: KnownRun::Unknown, recording: KnownRecording::Nothing };
    let [active, ..] = known().await;
    let expected = KnownObject { run: KnownRun::Active, recording: KnownRecording::Nothing };
    assert_eq!(active, expected);

    let recording = ReadyRecording {
        key: key.converted(),
        peaks_key: Some(key.peaks()),
        ..recording_of(&run, &harness.clock)
    };
    assert_eq!(harness.store.publish(&run, &recording).await.unwrap(), Write::Done);
    let [published, beside, other] = known().await;
    assert!(matches!(published.run, KnownRun::Ended { describes: true, .. }), "{published:?}");
    assert_eq!(published.recording, KnownRecording::Ready(key.converted()));
    assert_eq!(beside.run, KnownRun::Unknown);
    assert_eq!(beside.recording, KnownRecording::Ready(key.converted()));
    assert_eq!(other, nothing);

    harness.store.delete_recording(&call).await.unwrap();
    let [deleted, beside, other] = known().await;
    assert_eq!(deleted.recording, KnownRecording::Deleted);
    assert_eq!(beside.recording, KnownRecording::Deleted);
    assert_eq!(other, nothing);
}

pub(crate) async fn the_quarantine_is_a_list_in_the_order_of_keys(harness: StoreHarness) {
    let object = |call: &str, description: Option<&str>| Quarantined {
        key: ObjectKey::new(&call.parse().unwrap(), RunId::new(), Fence(1)),
        bytes: 5,
        written_at: Timestamp::UNIX_EPOCH,
        description: description.map(str::to_owned),
    };
    let (first, second) = (object("CA1", Some("{}")), object("CA2", None));
    let store = &harness.store;
    assert_eq!(store.quarantine(&[]).await.unwrap(), 0);
    assert_eq!(store.quarantine(&[second.clone(), first.clone()]).await.unwrap(), 2);
    assert_eq!(store.quarantine(std::slice::from_ref(&first)).await.unwrap(), 0);
    let size = store.quarantine_size().await.unwrap();
    assert_eq!(size, QuarantineSize { objects: 2, bytes: 10 });
    assert_eq!(store.quarantined(None, 10).await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(store.quarantined(None, 1).await.unwrap(), std::slice::from_ref(&first));
    assert_eq!(
        store.quarantined(Some(&first.key), 10).await.unwrap(),
        std::slice::from_ref(&second)
    );
    store.release(&[first.key]).await.unwrap();
    assert_eq!(store.quarantined(None, 10).await.unwrap(), [second]);
}

fn description_of(key: &ObjectKey) -> Description {
    let sha256 = Sha256Hex::from_digest(&[1; 32]);
    Description {
        key: key.clone(),
        call_sid: key.call_sid().parse().unwrap(),
        recording_id: None,
        part: 1,
        source: None,
        account: None,
        provider_id: None,
        content_type: "audio/wav".to_owned(),
        bytes: 5,
        sha256: sha256.clone(),
        source_sha256: sha256,
        duration_seconds: Some(0.5),
        channels: Some(1),
        stored_at: Timestamp::UNIX_EPOCH,
    }
}

async fn adopt_object(harness: &StoreHarness, key: &ObjectKey) -> Result<(), AdoptionRefusal> {
    let (description, peaks) = (description_of(key), key.peaks());
    let object = Adoptable { description: &description, peaks_key: Some(&peaks) };
    harness.store.adopt(object, adopt).await.unwrap()
}

pub(crate) async fn an_adopted_object_is_a_recording_and_ends_the_active_run(
    harness: StoreHarness,
) {
    let new: CallSid = "CA1".parse().unwrap();
    let registered = harness.register("CA2").await;
    harness.request(&registered, Purpose::Listen).await;
    let running = harness.claim_one(WorkerId::new()).await.run;
    let of_its_run = ObjectKey::new(&registered, running.id, running.fence);
    for key in [ObjectKey::new(&new, RunId::new(), Fence(7)), of_its_run] {
        let object = Quarantined {
            key: key.clone(),
            bytes: 5,
            written_at: Timestamp::UNIX_EPOCH,
            description: None,
        };
        harness.store.quarantine(&[object]).await.unwrap();
        assert_eq!(adopt_object(&harness, &key).await, Ok(()));
        let call = key.call_sid().parse().unwrap();
        let view = harness.view(&call).await;
        let Some(Recording::Ready(recording)) = view.recording else { panic!("{view:?}") };
        assert_eq!((&recording.key, recording.bytes), (&key, 5));
        assert_eq!(recording.peaks_key, Some(key.peaks()));
        // The run of a known claim has ended otherwise, so another one publishes its object.
        let run = view.last_run.unwrap();
        assert_eq!(run.status, RecordingStatus::Ready);
        assert_eq!(run.id == key.run(), key.run() != running.id);
        assert_eq!(adopt_object(&harness, &key).await, Err(AdoptionRefusal::Ready));
    }
    assert_eq!(harness.store.quarantine_size().await.unwrap(), QuarantineSize::default());
    let ended = harness.store.run(running.id).await.unwrap().unwrap();
    assert_eq!(ended.failure.unwrap().kind, FailureKind::Superseded);
}

pub(crate) async fn an_object_of_a_deleted_recording_is_not_adopted(harness: StoreHarness) {
    let call = harness.register("CA1").await;
    harness.store.delete_recording(&call).await.unwrap();
    let key = ObjectKey::new(&call, RunId::new(), Fence(1));
    assert_eq!(adopt_object(&harness, &key).await, Err(AdoptionRefusal::Deleted));
}
