"""Types generated from the schemas."""
