"""Failure on purpose: what goes wrong, how often, and how it reaches the client."""
