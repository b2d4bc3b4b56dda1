"""What a person is told when the driver finds no node."""

from cassandra import AuthenticationFailed
from cassandra.cluster import NoHostAvailable

from parley.adapters.cql.failures import unavailable


def test_nodes_that_do_not_run_are_named_as_the_cause() -> None:
    error = NoHostAvailable("nobody", {"10.0.0.1:9042": OSError("Connection refused")})
    assert "check that its nodes run (Connection refused)" in unavailable(error, "store:9042").message


def test_a_wrong_password_is_told_apart_from_a_node_that_is_down() -> None:
    error = NoHostAvailable("nobody", {"10.0.0.1:9042": AuthenticationFailed("bad credentials")})
    assert "check PARLEY_STORE_USER and PARLEY_STORE_PASSWORD" in unavailable(error, "store:9042").message


def test_nodes_that_announce_addresses_nobody_reaches_are_named_with_the_setting_to_change() -> None:
    error = NoHostAvailable("nobody", ["127.0.0.1"])
    message = unavailable(error, "store:9042").message
    assert "announces addresses that cannot be reached from here (127.0.0.1): set its broadcast_rpc_address" in message
