"""Lists in replies: as many rows as are asked for, and what stands around them in agreement with the rows."""
