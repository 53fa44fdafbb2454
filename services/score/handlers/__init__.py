"""What score does with each event: load, decide, save, emit."""
