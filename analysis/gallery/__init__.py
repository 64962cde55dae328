"""The best, the worst and the most disputed candidate of each image, and where to look at them."""
