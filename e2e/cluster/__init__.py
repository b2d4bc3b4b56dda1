"""A real Kubernetes for tests and people: on kind, or on this Linux host without Docker."""
