"""One function for each step of the benchmark: it measures, and returns a table."""
