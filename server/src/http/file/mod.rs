//! Answers to conditional and range requests by RFC 9110, and the bodies that stream a stored
//! recording. [`evaluate`] decides and is pure; [`respond()`] writes the decision down as a response.
//! Knows no route, no call and no database; makes no problem body.

mod conditional;
mod counted;
mod entity_tag;
mod open_files;
mod range;
mod representation;
mod respond;
mod streamed;

pub use conditional::{Outcome, evaluate};
pub use counted::Counted;
pub use open_files::OpenFiles;
pub use representation::{BadRepresentation, Disposition, Representation};
pub use respond::{Refused, respond};
pub use streamed::StreamedBody;
