"""Names of the service's own jobs in its queue."""

RAW_EVENT = "raw-event"
DOWNLOAD = "recording-download"
TRANSCRIPT = "transcript-store"
REPUBLISH = "republish"
