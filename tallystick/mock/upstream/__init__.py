"""The upstream: the real server behind the mock, which answers what it can, byte for byte."""
