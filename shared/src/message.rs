//! The exact English words of the contract: what listeners read and black-box tests compare.

/// The listener's words for 404 `no_recording_url`.
pub const NO_RECORDING_URL: &str = "Recording not found - no recording URL for this call";
/// The API's own `detail` for 404 `no_recording_url`.
pub const NO_RECORDING_URL_DETAIL: &str = "No recording URL for this call";
/// The words for 500 `worker_not_processing_queue`.
pub const WORKER_NOT_RESPONDING: &str =
    "Recording worker not responding. Please try again later or contact support.";

/// The listener's words when all retries are used up.
pub fn still_being_prepared(waited_seconds: u64) -> String {
    format!(
        "Recording still being prepared (waited {waited_seconds} seconds). \
         Can take up to 3 minutes for long recordings."
    )
}

/// `message` of a 202. `attempt` 0 is the first run.
pub fn being_prepared(attempt: u32, max_attempts: u32) -> String {
    if attempt == 0 {
        "Recording is being prepared".to_owned()
    } else {
        format!("Recording is being prepared again (attempt {attempt}/{max_attempts})")
    }
}

/// `message` of a 202 whose run waits for the provider.
pub const WAITING_FOR_PROVIDER: &str = "The provider does not have the recording yet";
