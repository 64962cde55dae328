"""What a user study says of the teams, from any of its three tables: votes, pairs or ratings."""
