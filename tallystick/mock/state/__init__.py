"""State: which resources a contract has, and what was kept of them."""
