"""The ports made real: tables, the keeper of raw events, PBX providers, downloads."""
