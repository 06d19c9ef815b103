//! HTTP: routes, pages, who may ask, and how bytes go out. Calls the engine and the stores.

mod access;
mod error;
pub mod file;
mod language;
pub mod listen;
mod metrics;
mod observe;
mod queue_events;
mod request;
mod router;
mod routes;
mod site;

pub use access::{Access, Grant};
pub use metrics::{Scrape, metrics_router};
pub use observe::RequestIds;
pub use queue_events::QueueEvents;
pub use router::{App, router};
pub use site::Site;
