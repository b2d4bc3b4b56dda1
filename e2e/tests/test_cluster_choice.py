"""Which provider a machine gets, and what it is told when it can have none."""

from pathlib import Path

import pytest

from e2e.cluster.choice import choose
from e2e.cluster.existing.existing_provider import ExistingProvider
from e2e.cluster.failure import ClusterError
from e2e.cluster.host import requirements
from e2e.cluster.host.host_provider import HostProvider
from e2e.cluster.providers import open_cluster, take_provider


def nothing() -> list[str]:
    return []


def docker() -> list[str]:
    return ["neither Docker nor podman answers"]


def root() -> list[str]:
    return ["only root may", "Go is needed"]


def test_kind_is_taken_where_it_can_run() -> None:
    assert choose("auto", {"kind": nothing, "host": nothing, "existing": nothing}) == "kind"


def test_the_host_is_taken_where_kind_cannot_run() -> None:
    assert choose("auto", {"kind": docker, "host": nothing, "existing": nothing}) == "host"


def test_a_cluster_of_ones_own_is_never_taken_unasked() -> None:
    with pytest.raises(ClusterError):
        choose("auto", {"kind": docker, "host": root, "existing": nothing})
    assert choose("existing", {"kind": nothing, "host": nothing, "existing": nothing}) == "existing"


def test_one_error_names_all_that_each_provider_lacks() -> None:
    with pytest.raises(ClusterError) as refused:
        choose("auto", {"kind": docker, "host": root})
    text = str(refused.value)
    for part in ("kind:", "neither Docker nor podman answers", "host:", "only root may", "Go is needed"):
        assert part in text


def test_a_provider_that_was_asked_for_is_not_replaced_by_another() -> None:
    with pytest.raises(ClusterError, match="neither Docker"):
        choose("kind", {"kind": docker, "host": nothing})


def test_a_folder_keeps_its_provider(tmp_path: Path) -> None:
    (tmp_path / "provider").write_text("host")
    assert isinstance(take_provider(tmp_path, "auto"), HostProvider)
    assert isinstance(open_cluster(tmp_path), HostProvider)
    with pytest.raises(ClusterError, match="has a cluster by host: `make cluster-down` first"):
        take_provider(tmp_path, "kind")


def test_a_folder_without_a_cluster_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="Start one: make cluster"):
        open_cluster(tmp_path)


def test_a_context_that_nobody_allowed_is_not_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kubectl = tmp_path / "bin" / "kubectl"
    kubectl.parent.mkdir()
    kubectl.write_text("#!/bin/sh\necho production\n")
    kubectl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{kubectl.parent}:/usr/bin:/bin")
    refused = ExistingProvider(tmp_path / "cluster", {"PARLEY_CLUSTER_CONTEXTS": "staging"})
    assert "production is not in PARLEY_CLUSTER_CONTEXTS, which is staging" in refused.lacking()[0]
    with pytest.raises(ClusterError, match="allow it with PARLEY_CLUSTER_CONTEXTS=production"):
        refused.up(print)
    assert not (tmp_path / "cluster").exists()
    assert ExistingProvider(tmp_path, {"PARLEY_CLUSTER_CONTEXTS": "staging, production"}).lacking() == []


def test_a_folder_that_a_node_would_hide_from_itself_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert any("hides from itself" in text for text in requirements.lacking(Path("/var/lib/somewhere")))


def test_who_is_not_root_is_told_so_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("platform.system", lambda: "Linux")
    assert ["only root may" in text for text in requirements.lacking(Path("/srv"))] == [True]
