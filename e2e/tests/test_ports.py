"""Ports that several processes ask for."""

import subprocess
import sys
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


def test_two_processes_never_choose_the_same_port(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from e2e.backends.ports import Ports; ports = Ports(Path(sys.argv[1]));"
        "print(*(ports.of(str(number)) for number in range(300))); sys.stdout.flush(); sys.stdin.read()"
    )
    commands = [[sys.executable, "-c", script, str(tmp_path / name)] for name in ("one", "two", "three")]
    running = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for command in commands]
    chosen = [port for process in running if process.stdout for port in process.stdout.readline().split()]
    for process in running:
        process.communicate()
    assert len(set(chosen)) == len(chosen) == 900
