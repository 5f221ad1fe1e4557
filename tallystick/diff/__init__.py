"""What a change of a contract breaks, proven by exchanges that one version allows and the other refuses."""
