"""The weeks before the demo's day: what the demo company's own people did, through the product's own handlers."""

# What the process says when people and calls are in and only what was done about them is still to come.
ARRIVED = "arrived"
