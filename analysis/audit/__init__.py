"""Whether a table of scores can be correct: conservation laws, and finals that follow from their parts."""
