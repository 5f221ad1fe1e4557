"""Exchanges with a server that does every odd thing HTTP allows: what a client sees of it directly, and by proxy."""
