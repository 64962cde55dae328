"""Pure functions from files to rankings: works on CSV tables, knows nothing of the application."""
