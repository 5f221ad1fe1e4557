"""Measures mocks that share what they remember: replicas behind a load balancer, workers, sessions, reloads."""
