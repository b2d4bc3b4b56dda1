"""From nothing to two people who chat on a Kubernetes of one's own: what `make up` does."""
