"""What every service stands on: errors, settings, database, queue, edge, broker, storage, logs, metrics; knows no service."""
