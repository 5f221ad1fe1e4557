"""Two sound servers of one contract, single defects that each can be given, and how many of them a fuzz run finds."""
