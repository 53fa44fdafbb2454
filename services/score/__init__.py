"""Score: a dialogue becomes a draft with evidence, and leads are held against the contact rule."""
