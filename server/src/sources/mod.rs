//! How recordings arrive: providers' callbacks, providers' lists, folders of a PBX. Verifying who
//! signed a callback is the `webhook` crate's; this module reads what a callback means and how it
//! joins what is known. The rules (`event`, `merge`, `url_change`) are pure.

pub mod apply;
pub mod event;
pub mod folder;
pub mod intake;
pub mod list;
pub mod merge;
pub mod url_change;
