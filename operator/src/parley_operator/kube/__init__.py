"""The Kubernetes API behind a small port."""
