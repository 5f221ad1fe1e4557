"""Exchanges that somebody recorded: read from files, found in a contract, and judged."""
