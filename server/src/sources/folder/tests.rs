//! Names and CDR lines as FreePBX and FusionPBX write them.

use super::*;
use crate::model::Direction;

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

fn layout(text: &str) -> Layout {
    text.parse().unwrap()
}

fn read(layout_text: &str, path: &str) -> Result<Described, Refusal> {
    describe(&layout(layout_text), path, &berlin(), &Cdr::default())
}

#[allow(clippy::unnecessary_wraps)] // as the fields are
fn at(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

fn cdr(text: &str) -> Cdr {
    let mut lines = text.lines().map(|line| line.split(','));
    let columns = CdrColumns::of_header(lines.next().unwrap()).unwrap();
    let mut cdr = Cdr::default();
    for line in lines {
        cdr.add(&columns, line, &berlin());
    }
    cdr
}

#[test]
fn freepbx_names_say_who_called_whom_and_when() {
    let path = "2026/03/05/external-500-15550100-20260305-161000-1772723400.12.WAV";
    let read = read("freepbx", path).unwrap();
    assert_eq!(read.call.call_sid.as_str(), "1772723400.12");
    assert_eq!(
        (read.facts.from.as_deref(), read.facts.to.as_deref()),
        (Some("15550100"), Some("500"))
    );
    assert_eq!(read.facts.direction, Some(Direction::Inbound));
    assert_eq!(read.facts.started_at, at("2026-03-05T15:10:00Z"));
    assert!(!read.is_ambiguous);
    for (name, id, to) in [
        ("out-18005551212-101-20260305-161000-1772723400.44.wav", "1772723400.44", "18005551212"),
        ("q-600-15550100-20260305-161000-pbx1-1772723400.44.wav", "pbx1-1772723400.44", "600"),
        ("rg-a-b-15550100-20260305-161000-1772723400.44.mp3", "1772723400.44", "a-b"),
    ] {
        let read = self::read("freepbx", name).unwrap();
        assert_eq!(
            (read.call.call_sid.as_str(), read.facts.to.as_deref()),
            (id, Some(to)),
            "{name}"
        );
    }
}

#[test]
fn a_local_time_at_the_change_of_the_clocks_is_decided_by_the_unique_id() {
    // 2026-10-25, 03:00 CEST is 02:00 CET: 02:30 comes twice.
    for (epoch, started) in
        [(1_792_888_200_i64, "2026-10-25T00:30:00Z"), (1_792_891_800, "2026-10-25T01:30:00Z")]
    {
        let read = read("freepbx", &format!("in-1-2-20261025-023000-{epoch}.1.wav")).unwrap();
        assert_eq!((read.started_at, read.is_ambiguous), (at(started), false));
    }
    // Without one the first is taken, and said to be a guess.
    let by_pattern = "pattern={year}{month}{day}-{hour}{minute}{second}-{id}.wav";
    let read = self::read(by_pattern, "20261025-023000-x1.wav").unwrap();
    assert_eq!((read.started_at, read.is_ambiguous), (at("2026-10-25T00:30:00Z"), true));
    // 2026-03-29, 02:30 does not exist.
    let read = self::read(by_pattern, "20260329-023000-x1.wav").unwrap();
    assert_eq!((read.started_at, read.is_ambiguous), (at("2026-03-29T01:30:00Z"), false));
}

#[test]
fn files_that_fit_no_layout_are_named_with_the_reason() {
    for (path, refusal) in [
        ("2026/03/05/readme.txt", "is no audio file by its name"),
        ("2026/03/05/.wav", "is no audio file by its name"),
        ("wav", "is no audio file by its name"),
        ("hello.wav", "does not fit the layout: FreePBX names files TYPE-TO-FROM"),
        ("in-1-2-20261399-023000-1.1.wav", "does not fit the layout"),
        ("in-1-2-20260305-161000-1772723400.wav", "does not fit the layout"),
        ("a-é-1772723400.12.wav", "does not fit the layout"),
    ] {
        let said = read("freepbx", path).unwrap_err().to_string();
        assert!(said.starts_with(refusal), "{path}: {said}");
    }
    assert!(read("fusionpbx", "archive/2026/Mar/05/x.wav").is_err());
}

#[test]
fn freepbx_cdr_groups_the_files_of_a_call() {
    let cdr = cdr("calldate,src,dst,duration,uniqueid,did,recordingfile,cnum,linkedid\n\
         2026-03-05 16:10:00,15550100,500,62,1772723400.12,5550200,in-500-15550100-20260305-161000-1772723400.12.wav,15550100,1772723400.12\n\
         2026-03-05 16:11:00,15550100,501,20,1772723460.15,,in-501-15550100-20260305-161100-1772723460.15.wav,15550100,1772723400.12\n");
    let read = |name: &str| describe(&Layout::FreePbx, name, &berlin(), &cdr).unwrap();
    let first = read("in-500-15550100-20260305-161000-1772723400.12.wav");
    let second = read("in-501-15550100-20260305-161100-1772723460.15.wav");
    assert_eq!(first.call, second.call);
    assert_ne!(first.recording_id, second.recording_id);
    assert_eq!(
        (first.facts.to.as_deref(), first.facts.duration_seconds),
        (Some("5550200"), Some(62))
    );
    assert_eq!(first.facts.started_at, at("2026-03-05T15:10:00Z"));
    assert_eq!(first.facts.direction, Some(Direction::Inbound));
}

#[test]
fn fusionpbx_files_are_described_by_their_cdr() {
    let cdr = cdr(
        "xml_cdr_uuid,direction,caller_id_number,destination_number,start_epoch,duration,record_path,record_name\n\
         0b3e5d9e-6a0c-4d2f-9b1e-0d6f6f0c7a11,inbound,15550100,500,1772723400,62,/x,0b3e5d9e-6a0c-4d2f-9b1e-0d6f6f0c7a11.mp3\n",
    );
    let path = "example.com/archive/2026/Mar/05/0b3e5d9e-6a0c-4d2f-9b1e-0d6f6f0c7a11.mp3";
    let read = describe(&Layout::FusionPbx, path, &berlin(), &cdr).unwrap();
    assert_eq!(read.call.call_sid.as_str(), "0b3e5d9e-6a0c-4d2f-9b1e-0d6f6f0c7a11");
    assert_eq!(read.started_at, at("2026-03-05T15:10:00Z"));
    assert_eq!((read.facts.to.as_deref(), read.facts.duration_seconds), (Some("500"), Some(62)));
}

#[test]
fn a_pattern_describes_any_layout_and_a_bad_one_says_what_would_do() {
    let pattern = "pattern={year}/{month}/{day}/{direction}_{from}_{to}_{epoch}.wav";
    let read = read(pattern, "/mnt/a/2026/Mar/05/out_101_+15550200_1772723400.wav").unwrap();
    assert_eq!(
        (read.facts.from.as_deref(), read.facts.to.as_deref()),
        (Some("101"), Some("+15550200"))
    );
    assert_eq!(read.facts.direction, Some(Direction::Outbound));
    assert_eq!(read.started_at, at("2026-03-05T15:10:00Z"));
    for (text, why) in [
        ("pattern={year}{id", "has a brace without its other one"),
        ("pattern={uuid}.wav", "has an unknown name {uuid}; there is id, from"),
        ("pattern={id}{id}.wav", "has the name {id} twice"),
        ("pattern={year}.wav", "has neither {id} nor {epoch} nor {from}"),
        ("asterisk", "is no layout; write freepbx"),
    ] {
        let said = text.parse::<Layout>().unwrap_err();
        assert!(said.starts_with(why), "{text}: {said}");
    }
}

#[test]
fn a_cdr_without_its_header_is_refused() {
    assert!(CdrColumns::of_header("1,2,3".split(',')).is_err());
}
