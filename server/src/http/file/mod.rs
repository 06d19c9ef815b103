//! Answers to conditional and range requests by RFC 9110, and the bodies that stream a stored recording.
