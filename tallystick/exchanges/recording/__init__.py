"""Recordings: folders with a file for each exchange, in YAML that people read and edit."""
