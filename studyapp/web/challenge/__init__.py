"""The pages of a challenge: for everybody, for teams, and for the organisers who let them in."""
