"""Measures over HTTP what a mock remembers, on a corpus of real documents: `make stateful`.

Written as a stranger would: it finds its sets of operations itself, and knows nothing of how the mock derives its own.
"""
