"""What keeps a cluster from being there, and what a person can do about it."""


class ClusterError(Exception):
    """The text says what happened, to what, and what to do next."""
