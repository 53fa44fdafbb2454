"""The four services (ingest, transcribe, score, review), what they stand on (runtime), and the command line."""
