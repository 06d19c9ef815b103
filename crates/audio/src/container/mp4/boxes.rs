//! Boxes of the ISO base media file format (ISO/IEC 14496-12, 4.2), read and written. Pure.

use crate::bytes::{array, be32, be64};

/// A box inside bytes that are in memory.
#[derive(Clone, Copy)]
pub(super) struct Atom<'a> {
    pub(super) name: [u8; 4],
    pub(super) body: &'a [u8],
}

/// The boxes in these bytes; the last one may be cut off.
pub(super) fn atoms(mut bytes: &[u8]) -> impl Iterator<Item = Atom<'_>> {
    std::iter::from_fn(move || {
        let name = array(bytes, 4)?;
        let (head, size) = match be32(bytes, 0)? {
            0 => (8, bytes.len()),
            1 => (16, usize::try_from(be64(bytes, 8)?).ok()?),
            size => (8, size as usize),
        };
        let end = size.min(bytes.len());
        let body = bytes.get(head..end)?;
        bytes = &bytes[end..];
        Some(Atom { name, body })
    })
}

/// The body of the first box of this name.
pub(super) fn find(bytes: &[u8], name: [u8; 4]) -> Option<&[u8]> {
    atoms(bytes).find(|atom| atom.name == name).map(|atom| atom.body)
}

/// The body of a box at the end of a path of names.
pub(super) fn find_in<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(bytes, |bytes, name| find(bytes, **name))
}

/// A box.
pub(super) fn atom(name: [u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let size: usize = parts.iter().map(|part| part.len()).sum();
    let mut bytes = Vec::with_capacity(8 + size);
    bytes.extend(u32::try_from(8 + size).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend(name);
    for part in parts {
        bytes.extend_from_slice(part);
    }
    bytes
}

/// A box with a version and flags.
pub(super) fn full(name: [u8; 4], version: u8, flags: u32, parts: &[&[u8]]) -> Vec<u8> {
    let head = (u32::from(version) << 24 | flags).to_be_bytes();
    let mut all = vec![&head[..]];
    all.extend(parts);
    atom(name, &all)
}
