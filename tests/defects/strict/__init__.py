"""The strict server: FastAPI, everything in memory; whatever the contract does not allow is refused."""
