//! HTTP: routes, pages and the bodies of answers. Calls the engine and the stores.

mod call_queries;
mod error;
pub mod file;
mod headers;
mod held_places;
mod language;
mod listener_errors;
mod metrics;
mod observe;
mod page_response;
mod playback;
mod progress;
mod queue_events;
mod request;
mod response;
mod router;
mod routes;
mod site;

pub use held_places::{ClientAddress, HeldPlace, HeldPlaces};
pub use listener_errors::error_page;
pub use metrics::{Scrape, metrics_router};
pub use observe::RequestIds;
pub use queue_events::QueueEvents;
pub use router::{App, router};
pub use routes::Readiness;
pub use site::Site;
