"""To be written: one sentence, and the few names this room hands on."""
