"""The online phase of a challenge: teams, submissions, leaderboard, cut (docs/challenge.md)."""
