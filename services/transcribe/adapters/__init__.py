"""The ports made real: decoding, voice activity, Whisper, storage, tables."""
