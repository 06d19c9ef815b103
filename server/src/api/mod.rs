//! The bodies of the API, made once for `http` and `cli` alike: what a request says, parsed into
//! types, and what an answer shows. Knows no route and no status code.

pub(crate) mod bodies;
pub mod call_input;
pub mod link_input;
