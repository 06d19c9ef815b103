//! Fetching a recording from where it is.
