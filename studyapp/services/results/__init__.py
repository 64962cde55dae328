"""From votes to ranking, report, export and proof."""
