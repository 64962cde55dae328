"""What judges do: trials, ballots, where they looked, and what a state of the study allows."""
