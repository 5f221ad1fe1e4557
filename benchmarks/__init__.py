"""Measures tallystick beside its peers, as ratios within one run: `make bench` (see `python -m benchmarks --help`)."""
