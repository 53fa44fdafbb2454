"""Nouns and rules of a dialogue: pure functions, no sound files, no models, no clock."""
