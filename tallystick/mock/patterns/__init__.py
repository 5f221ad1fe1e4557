"""Request patterns: which requests an override answers, and which calls a test expects."""
