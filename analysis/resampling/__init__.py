"""What chance can do to a ranking: resampling judges and images together, and leaving each out."""
