"""What ingest knows: facts, calls, leads, people, recordings; pure rules, the same result in any order of arrival."""
