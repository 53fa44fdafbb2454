"""The door: verifies what a PBX or CRM tells, keeps it for ever, makes calls and leads of it, fetches recordings."""
