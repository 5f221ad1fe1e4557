"""A contract learned from recorded traffic: a first one, or what an existing one lacks."""
