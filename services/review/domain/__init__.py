"""Nouns and rules of the review; pure."""
