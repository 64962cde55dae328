"""Whether a table of scores can be right: conservation laws, and finals that follow from their parts."""
