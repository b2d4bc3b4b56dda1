"""A client that takes a new password when the file with it was replaced."""

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient

from parley.runtime.credentials import Credentials


class CredentialWatch:
    """Open connections stay; the next ones that the client opens use the new password."""

    def __init__(self, credentials: Credentials, client: Producer | Consumer | AdminClient) -> None:
        """The client was made with what the credentials say now."""
        self._credentials = credentials
        self._client = client
        self._told = credentials.current()

    def refresh(self) -> None:
        """Look at the file, and tell the client if it says something else."""
        user, password = self._credentials.current()
        if (user, password) == self._told or user is None or password is None:
            return
        self._client.set_sasl_credentials(user, password)
        self._told = (user, password)
