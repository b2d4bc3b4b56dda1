"""The parts of a cluster that need none to be looked at."""

import json
import os
import tarfile
from pathlib import Path

import pytest

from e2e.cluster.backends.addresses import Login, addresses, credentials, services_at
from e2e.cluster.host import components, node_layout
from e2e.cluster.host.control_groups import ControlGroups, lacking_controllers
from e2e.cluster.host.credentials import make_credentials
from e2e.cluster.host.go_programs import PROGRAMS
from e2e.cluster.host.host_provider import CONFIGURATION
from e2e.cluster.host.ports import NODE_PORTS
from e2e.cluster.kind.configuration import NODE_IMAGE, kind_configuration
from e2e.images.archive import layer_of, write_image
from e2e.images.engines import Build, buildah, docker, podman
from e2e.kept import digest_of, forget_older, kept


def test_no_component_names_a_place_outside_the_node() -> None:
    commands = [
        components.etcd(), components.containerd(), components.api_server(), components.controller_manager(),
        components.scheduler(), components.kubelet("parley-test"), components.kube_proxy(), components.fake_nodes([]),
    ]  # fmt: skip
    places = {part.partition("=")[2] for command in commands for part in command if part.partition("=")[2][:1] == "/"}
    inside = [*node_layout.SHOWN.values(), Path("/run")]
    groups = {"/parley-test"}
    assert [p for p in places - groups if not any(Path(p).is_relative_to(root) for root in inside)] == []


def test_every_certificate_that_a_component_names_is_made(tmp_path: Path) -> None:
    make_credentials(tmp_path, 6443, "parley-host")
    commands = [components.api_server(), components.controller_manager(), components.scheduler()]
    named = {
        Path(part.partition("=")[2]).name
        for command in commands
        for part in command
        if part.partition("=")[2].startswith(str(node_layout.CERTIFICATES))
    }
    assert named <= {path.name for path in tmp_path.iterdir()}
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir()), "keys are read by root alone"


def test_a_place_inside_the_node_is_found_in_the_clusters_folder() -> None:
    assert node_layout.outside(Path("/x"), Path("/var/log/audit.log")) == Path("/x/logs/audit.log")
    with pytest.raises(ValueError, match="not in the cluster's folder"):
        node_layout.outside(Path("/x"), Path("/etc/passwd"))


def test_every_program_pins_its_version() -> None:
    pinned = {program.name: program.version() for program in PROGRAMS if program.version_of}
    assert pinned["kubernetes"].startswith("v1.36.")
    assert all(version.startswith("v") for version in pinned.values())
    assert all((program.folder / "go.sum").exists() for program in PROGRAMS if program.version_of)


def test_components_are_stamped_with_their_version() -> None:
    kubernetes = next(program for program in PROGRAMS if program.name == "kubernetes")
    flags = kubernetes.linker_flags()
    for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version"):
        assert f"-X {package}.gitVersion={kubernetes.version()}" in flags
        assert f"-X {package}.gitMinor=36" in flags


def test_kind_gets_the_same_minor_version_by_digest_and_the_same_node_ports() -> None:
    node_ports = {port: 21_000 + number for number, port in enumerate(NODE_PORTS)}
    found = kind_configuration(CONFIGURATION / "audit-policy.yaml", Path("/x/logs"), node_ports)
    node = found["nodes"][0]
    assert NODE_IMAGE.startswith("docker.io/kindest/node:v1.36.")
    assert len(NODE_IMAGE.partition("@sha256:")[2]) == 64
    assert {mapped["containerPort"]: mapped["hostPort"] for mapped in node["extraPortMappings"]} == node_ports
    assert {mapped["listenAddress"] for mapped in node["extraPortMappings"]} == {"127.0.0.1"}
    patch = json.loads(node["kubeadmConfigPatches"][0])
    arguments = {argument["name"]: argument["value"] for argument in patch["apiServer"]["extraArgs"]}
    mounted = [mount["containerPath"] for mount in node["extraMounts"]]
    assert all(any(path.startswith(place) for place in mounted) for path in arguments.values())


def test_backends_have_a_service_and_a_secret_for_each_address() -> None:
    where = addresses()
    made = credentials({name: Login("u", "p") for name in ("kafka", "cql", "redis")}) + services_at("172.31.250.2")
    names = {(found["kind"], found["metadata"]["name"]) for found in made}
    for backend in ("kafka", "cql", "redis"):
        assert ("Secret", where[backend]["credentialsSecret"]) in names
        assert {("Service", backend), ("EndpointSlice", backend)} <= names


def test_control_groups_of_both_versions_are_made_and_removed(tmp_path: Path) -> None:
    for hierarchy in ("cpu", "memory"):
        (tmp_path / "one" / hierarchy).mkdir(parents=True)
        (tmp_path / "one" / hierarchy / "cgroup.procs").touch()
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "cgroup.controllers").write_text("cpuset cpu io memory pids")
    (tmp_path / "two" / "cgroup.subtree_control").touch()
    for root, expected in (("one", 2), ("two", 1)):
        groups = ControlGroups("parley-1", tmp_path / root)
        groups.create()
        assert [folder.is_dir() for folder in groups.folders()] == [True] * expected
        for folder in groups.folders():
            (folder / "kubepods" / "pod-1").mkdir(parents=True)
        groups.remove()
        groups.remove()
        assert not any(folder.exists() for folder in groups.folders())
    assert (tmp_path / "two" / "cgroup.subtree_control").read_text() == "+cpuset +cpu +memory +pids"
    assert lacking_controllers(tmp_path / "two") == []
    assert lacking_controllers(tmp_path / "one") == ["cpuset", "pids"]


def test_pods_count_for_more_than_one_program_beside_them(tmp_path: Path) -> None:
    for name, expected in (("cpu.weight", "400"), ("cpu.shares", "4096")):
        root = tmp_path / name
        (root / "cpu").mkdir(parents=True)
        (root / "cpu" / "cgroup.procs").touch()
        groups = ControlGroups("parley-1", root)
        (folder,) = groups.folders()
        folder.mkdir()
        (folder / name).touch()
        groups.create()
        assert [path.read_text() for path in folder.iterdir()] == [expected]


def test_the_same_program_gives_the_same_image(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(b"\x7fELF")
    for name in ("one.tar", "two.tar"):
        layer = layer_of([program])
        write_image(tmp_path / name, "parley.test/program:1", layer, "amd64", {"Entrypoint": ["/program"]})
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()
    with tarfile.open(tmp_path / "one.tar") as tar:
        index = json.load(tar.extractfile("index.json") or pytest.fail("no index"))
    assert index["manifests"][0]["annotations"] == {"io.containerd.image.name": "parley.test/program:1"}


def test_every_engine_builds_the_same_file_and_ends_in_the_archive() -> None:
    build = Build(Path("f.Dockerfile"), Path("context"), "parley.chat/x:1", Path("x.tar"), "arm64", {"BASE": "b"})
    for commands in (docker(build), podman(build), buildah(build, Path("storage"))):
        made, saved = (" ".join(command) for command in commands)
        for part in ("--file f.Dockerfile", "--tag parley.chat/x:1", "--build-arg BASE=b", "arm64"):
            assert part in made
        assert "x.tar" in saved


def test_what_is_kept_is_made_once_and_never_seen_half_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_CACHE", str(tmp_path))
    made = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "file").touch()
        if len(made) == 1:
            raise OSError("killed")

    with pytest.raises(OSError, match="killed"):
        kept("thing", "1", make)
    assert [path.name for path in tmp_path.iterdir()] == ["thing-1.lock"]
    assert kept("thing", "1", make) == kept("thing", "1", make)
    assert len(made) == 2


def test_of_what_every_change_makes_anew_only_the_newest_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_CACHE", str(tmp_path))
    for age, digest in enumerate("dcba"):
        os.utime(kept("thing", digest, lambda folder: (folder / "file").touch()), (1000 - age, 1000 - age))
    kept("other", "1", lambda folder: (folder / "file").touch())
    forget_older("thing", 2)
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"thing-d", "thing-c", "other-1"}
    forget_older("thing", 2)
    assert (kept("thing", "d", lambda _: pytest.fail("it was forgotten")) / "file").exists()


def test_a_digest_tells_where_one_input_ends_and_the_next_begins() -> None:
    assert digest_of([b"ab", b"c"]) != digest_of([b"a", b"bc"])
