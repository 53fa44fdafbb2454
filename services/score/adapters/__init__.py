"""What scoring needs from outside, made real."""
