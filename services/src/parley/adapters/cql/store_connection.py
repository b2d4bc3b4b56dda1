"""The store for as long as a command takes."""

from cassandra.cluster import Session

from parley.adapters.cql.access import CqlAccess, make_cluster
from parley.adapters.cql.failures import unavailable


class StoreConnection:
    """A session without a keyspace, which may not exist yet; ends with the `with` block."""

    def __init__(self, access: CqlAccess) -> None:
        """Connect on entering."""
        self._access = access
        self._cluster = make_cluster(access)

    def __enter__(self) -> Session:
        """Connect, or raise ParleyError UNAVAILABLE."""
        try:
            return self._cluster.connect()
        except Exception as error:  # noqa: BLE001 - the driver raises what it likes
            self._cluster.shutdown()
            raise unavailable(error, self._access.address) from None

    def __exit__(self, *_: object) -> None:
        """End the connections."""
        self._cluster.shutdown()
