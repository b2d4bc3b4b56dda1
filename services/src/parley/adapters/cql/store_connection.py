"""The store for as long as a command takes."""

from cassandra.cluster import Cluster, Session

from parley.adapters.cql.access import CqlAccess, make_cluster
from parley.adapters.cql.failures import unavailable


class StoreConnection:
    """A session without a keyspace, which may not exist yet; ends with the `with` block."""

    def __init__(self, access: CqlAccess) -> None:
        """Connect on entering."""
        self._access = access
        self._cluster: Cluster | None = None

    def __enter__(self) -> Session:
        """Connect, or raise ParleyError UNAVAILABLE."""
        try:
            # Names of hosts are resolved when the cluster's object is made, so that can fail as well.
            self._cluster = make_cluster(self._access)
            return self._cluster.connect()
        except Exception as error:  # noqa: BLE001 - the driver raises what it likes
            self.__exit__()
            raise unavailable(error, self._access.address) from None

    def __exit__(self, *_: object) -> None:
        """End the connections."""
        if self._cluster is not None:
            self._cluster.shutdown()
