"""The journal: the last exchanges of each session, why each was answered so, and what tests assert about them."""
