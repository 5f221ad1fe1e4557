"""Where the mock keeps what it remembers: in memory, in a SQLite file, or in a Redis that several processes share."""
