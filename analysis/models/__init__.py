"""Choice models: from who was preferred to how much each team is worth."""
