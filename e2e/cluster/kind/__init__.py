"""A cluster on kind, where Docker (or podman) and kind answer."""
