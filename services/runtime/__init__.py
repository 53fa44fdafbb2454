"""What services stand on: errors, settings, database, queue, edge, broker, storage, logs, metrics; knows no service."""
