"""Rules on what several exchanges say together: what was written is read again, a page follows another."""
