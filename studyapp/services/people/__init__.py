"""Who takes part: organisers, judges and their links, rehearsals."""
