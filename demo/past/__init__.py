"""The weeks before the demo's day: what the demo company's own people did, through the product's own handlers."""

# What the process says when the people are in and only what they did is still to come.
PEOPLE = "people"
