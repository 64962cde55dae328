"""What an organiser wrote: study.yaml, the plan of the folder, and what of it may be amended."""
