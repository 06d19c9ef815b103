//! Elements of EBML (RFC 8794), read and written. Pure.

/// The size of an element that was streamed.
pub(super) const UNKNOWN: u64 = u64::MAX;

/// The head of an element: its identifier, its size ([`UNKNOWN`] where it has none), and how many
/// bytes the head takes.
pub(super) fn head(bytes: &[u8]) -> Option<(u32, u64, usize)> {
    let first = *bytes.first()?;
    let id_width = first.leading_zeros() as usize + 1;
    if id_width > 4 {
        return None;
    }
    let id = bytes.get(..id_width)?.iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
    let (size, width) = vint(bytes.get(id_width..)?)?;
    let is_unknown = size == (1 << (7 * width)) - 1;
    Some((id, if is_unknown { UNKNOWN } else { size }, id_width + width))
}

/// A variable-size integer (section 4): its value and how many bytes it takes.
pub(crate) fn vint(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let width = first.leading_zeros() as usize + 1;
    let rest = bytes.get(1..width).filter(|_| width <= 8)?;
    let marked = rest.iter().fold(u64::from(first), |value, byte| value << 8 | u64::from(*byte));
    Some((marked & !(1 << (7 * width)), width))
}

/// The elements in bytes that are in memory.
pub(super) fn elements(mut bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    std::iter::from_fn(move || {
        let (id, size, width) = head(bytes)?;
        let end =
            usize::try_from(size).unwrap_or(usize::MAX).saturating_add(width).min(bytes.len());
        let body = &bytes[width..end];
        bytes = &bytes[end..];
        Some((id, body))
    })
}

/// An unsigned integer.
pub(super) fn unsigned(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// A float of four or eight bytes.
pub(super) fn float(bytes: &[u8]) -> Option<f64> {
    match bytes.len() {
        4 => Some(f32::from_be_bytes(bytes.try_into().ok()?).into()),
        8 => Some(f64::from_be_bytes(bytes.try_into().ok()?)),
        _ => None,
    }
}

/// An element, with a size of eight bytes.
pub(super) fn element(id: u32, parts: &[&[u8]]) -> Vec<u8> {
    let size: usize = parts.iter().map(|part| part.len()).sum();
    let mut bytes = element_head(id, size as u64);
    for part in parts {
        bytes.extend_from_slice(part);
    }
    bytes
}

/// The head of an element, with a size of eight bytes.
pub(super) fn element_head(id: u32, size: u64) -> Vec<u8> {
    let id = id.to_be_bytes();
    let id = &id[id.iter().position(|byte| *byte != 0).unwrap_or(3)..];
    [id, &(size | 1 << 56).to_be_bytes()].concat()
}
