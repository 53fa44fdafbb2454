"""The nouns and rules of scoring: frozen values and pure functions."""
