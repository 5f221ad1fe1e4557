"""What several tests share: builders of contracts, requests and processes, and applications to test against."""
