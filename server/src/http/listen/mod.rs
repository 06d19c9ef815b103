//! The accept loop: connections, time limits, orderly shutdown, file bodies without copies.
