"""How well image metrics agree with judges: correlations, errors, intervals, and what is possible."""
