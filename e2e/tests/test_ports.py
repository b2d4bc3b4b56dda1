"""Ports that several processes ask for."""

from pathlib import Path

from e2e.backends.ports import Ports


def test_a_port_is_kept_for_its_name(tmp_path: Path) -> None:
    assert Ports(tmp_path).of("redis") == Ports(tmp_path).of("redis")
    assert Ports(tmp_path).of("redis") != Ports(tmp_path).of("kafka")


def test_who_read_the_file_before_another_process_chose_gets_what_that_one_chose(tmp_path: Path) -> None:
    early, late = Ports(tmp_path), Ports(tmp_path)
    early.of("api")
    chosen = late.of("node-port")
    assert early.of("node-port") == chosen
    assert early.of("api") == late.of("api")
