"""Lists of a contract: which members and parameters page, filter, sort and count them."""
