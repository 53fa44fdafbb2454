"""What the review needs from outside, as small protocols, a module a subject."""
