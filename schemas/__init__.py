"""What the services say to each other: events, topics and documents; the only place where their shape is written."""
