"""A store that comes back is not kept down by those who waited for it."""

from itertools import islice, pairwise

from parley.adapters.cql.access import CqlAccess, make_cluster

HEALED_S = 30.0
"""Within so long after the end of an outage a process has its store again (promise G8)."""


def test_g8_tries_become_rare_but_never_end_and_leave_a_handshake_time_to_succeed() -> None:
    cluster = make_cluster(CqlAccess(("127.0.0.1",), 9042, "parley"))
    pauses = list(islice(cluster.reconnection_policy.new_schedule(), 200))
    assert pauses[0] < 2.0, "a node that was restarted is found soon"
    assert all(later > earlier for earlier, later in pairwise(pauses[:3])), "each pause is longer than the one before"
    assert len(set(pauses[10:])) > 5, "not all come back at the same moment"
    assert max(pauses) + cluster.connect_timeout <= HEALED_S
    assert cluster.connect_timeout >= 10.0, "who gives up early makes the node begin anew"
    assert cluster.control_connection_timeout >= 10.0
