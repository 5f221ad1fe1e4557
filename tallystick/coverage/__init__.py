"""What of a contract some exchanges touched, and what none of them did."""
