"""What a study reports, and where it meets or deviates from the Recommendations on subjective tests."""
