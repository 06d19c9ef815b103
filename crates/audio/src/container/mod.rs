//! Containers and streams: how each is cut into packets, and how it is put together anew.

pub(crate) mod adts;
pub(crate) mod amr;
pub(crate) mod flac;
pub(crate) mod matroska;
pub(crate) mod mp4;
pub(crate) mod mpeg;
pub(crate) mod ogg;
pub(crate) mod opus;
mod window;
