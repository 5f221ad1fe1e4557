"""Requests of the run's own beside those of Schemathesis, which feed the rules on sequences and try odd values."""
