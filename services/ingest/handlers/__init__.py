"""What ingest does: one plain function per delivery, raw event, fact and job."""
