"""The hostile harness: what a stranger could send, made by the thousand, and what must hold whatever it is."""
