"""Who takes part: accounts and how they sign in, judges and their links, rehearsals."""
