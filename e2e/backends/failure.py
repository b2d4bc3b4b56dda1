"""What keeps a server from running here, and what a person can do about it."""


class BackendError(Exception):
    """The text says what happened, to which server, and what to do next."""
