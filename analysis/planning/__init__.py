"""How many judges and images a study needs."""
