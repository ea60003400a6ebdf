"""Stage 1: files become contacts and rejects, staged in the journal of a run."""
