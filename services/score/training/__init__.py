"""Learning from labelled dialogues, and measuring what was learnt."""
