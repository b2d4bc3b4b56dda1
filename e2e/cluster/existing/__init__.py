"""A cluster of somebody's own."""
