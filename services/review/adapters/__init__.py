"""The ports of the review made real."""
