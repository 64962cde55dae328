"""Jobs: work that takes longer than a request, as rows of the site's database (docs/jobs.md)."""
