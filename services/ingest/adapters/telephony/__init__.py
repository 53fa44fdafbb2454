"""One file a provider: how it proves itself, what its events mean, how its recordings are fetched."""
