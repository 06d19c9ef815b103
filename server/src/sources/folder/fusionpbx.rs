//! FusionPBX: `…/archive/YYYY/Mon/DD/UUID.EXT`. The name says nothing but the call's UUID; numbers
//! and times stand in the CDR (`v_xml_cdr`).

use super::{Cdr, Described, Refusal};
use crate::sources::event::{CallFacts, CallRef};

const SHAPE: Refusal = Refusal::Layout("FusionPBX names files UUID, below archive/YYYY/Mon/DD");

pub(super) fn describe(path: &str, stem: &str, cdr: &Cdr) -> Result<Described, Refusal> {
    // Some versions write two sides apart, or name the domain before.
    let id = stem.rsplit('_').next().unwrap_or(stem);
    let uuid = uuid::Uuid::try_parse(id).map_err(|_| SHAPE)?.to_string();
    let name = path.rsplit('/').next().unwrap_or(path);
    let row = cdr.find(name, &uuid);
    let call_id = row.and_then(|row| row.call_id.clone()).unwrap_or_else(|| uuid.clone());
    let facts = row.map_or_else(CallFacts::default, |row| row.facts.clone());
    Ok(Described {
        call: CallRef::of(&call_id),
        started_at: facts.started_at,
        facts,
        recording_id: stem.to_owned(),
        is_ambiguous: false,
    })
}
