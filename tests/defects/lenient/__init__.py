"""The lenient server: Flask and SQLite; it forgives and normalises whatever the contract leaves to it."""
