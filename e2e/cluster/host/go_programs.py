"""Builds the cluster's programs from pinned Go modules, once; kept by the hash of everything that goes in."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from e2e.cluster.failure import ClusterError
from e2e.kept import digest_of, kept, kept_path

MODULES = Path(__file__).parent / "modules"
NEEDED_GO = (1, 26)
BUILD_S = 40 * 60
TELL_EVERY_S = 15.0


@dataclass(frozen=True)
class GoProgram:
    """A program of the module `<modules>/<name>`.

    `package` is what is built; `called` are further names under which the same file is called; `tags` are build tags;
    `stamped` are packages whose variables hold the version of the module `version_of`; `files` of that module are
    kept beside the program.
    """

    name: str
    package: str = "."
    called: Sequence[str] = ()
    tags: str = ""
    version_of: str = ""
    stamped: Sequence[str] = ()
    files: Sequence[str] = ()
    modules: Path = MODULES

    @property
    def folder(self) -> Path:
        """The module."""
        return self.modules / self.name

    def version(self) -> str:
        """The version that go.mod pins for `version_of`, such as v1.36.3; empty without it."""
        if not self.version_of:
            return ""
        found = re.search(rf"^\s*(?:require )?{re.escape(self.version_of)} (v\S+)", self._mod(), re.MULTILINE)
        if found is None:
            raise ClusterError(f"{self.folder}/go.mod does not require {self.version_of}")
        return found[1]

    def linker_flags(self) -> str:
        """Without symbols, and stamped: unstamped components say v0.0.0, on which clients that compare break."""
        version = self.version()
        major, minor = version.removeprefix("v").split(".")[:2] if version else ("", "")
        values = {
            "gitVersion": version,
            "gitMajor": major,
            "gitMinor": minor,
            "gitTreeState": "clean",
            "gitCommit": "unknown",
            "buildDate": "1970-01-01T00:00:00Z",
        }
        stamps = [f"-X {package}.{key}={value}" for package in self.stamped for key, value in values.items()]
        return " ".join(["-s -w", *stamps])

    def _mod(self) -> str:
        return (self.folder / "go.mod").read_text()


PROGRAMS = (
    GoProgram(
        "kubernetes",
        called=("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl"),
        tags="notest,grpcnotrace",
        version_of="k8s.io/kubernetes",
        stamped=("k8s.io/component-base/version", "k8s.io/client-go/pkg/version"),
    ),
    GoProgram("etcd", version_of="go.etcd.io/etcd/server/v3"),
    GoProgram("coredns", version_of="github.com/coredns/coredns"),
    GoProgram(
        "metrics-server",
        "sigs.k8s.io/metrics-server/cmd/metrics-server",
        version_of="sigs.k8s.io/metrics-server",
        stamped=("k8s.io/component-base/version",),
    ),
    GoProgram("helm", "helm.sh/helm/v4/cmd/helm", version_of="helm.sh/helm/v4"),
    GoProgram(
        "kwok",
        "sigs.k8s.io/kwok/cmd/kwok",
        version_of="sigs.k8s.io/kwok",
        files=(
            "kustomize/stage/node/fast/node-initialize.yaml",
            "kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
            "kustomize/stage/pod/fast/pod-ready.yaml",
            "kustomize/stage/pod/fast/pod-complete.yaml",
            "kustomize/stage/pod/fast/pod-delete.yaml",
        ),
    ),
    GoProgram("pause"),
)
"""What a node needs; all of them are built before it starts."""

PROMTOOL = GoProgram(
    "promtool",
    "github.com/prometheus/prometheus/cmd/promtool",
    tags="remove_all_sd",
    version_of="github.com/prometheus/prometheus",
)
"""Tries alerts; no node needs it. Ways to discover services in clouds are left out: they take longest to build."""


def built(program: GoProgram, tell: Callable[[str], None]) -> Path:
    """The program's file, built if it is not there yet; a static binary for this machine."""

    def make(folder: Path) -> None:
        _build(program, folder / program.name, tell)
        _copy_files(program, folder)

    return kept(f"cluster-{program.name}", _digest(program), make) / program.name


def missing() -> list[str]:
    """The programs that would have to be built now."""
    return [p.name for p in PROGRAMS if not kept_path(f"cluster-{p.name}", _digest(p)).is_dir()]


def go_version() -> str | None:
    """What `go version` says of itself, such as go1.26.8; None when there is no Go, or one that is too old."""
    go = shutil.which("go")
    said = subprocess.run([go, "version"], capture_output=True, text=True, check=False).stdout if go else ""
    found = re.search(r"go version (go(\d+)\.(\d+)\S*)", said)
    return found[1] if found and (int(found[2]), int(found[3])) >= NEEDED_GO else None


def _digest(program: GoProgram) -> str:
    files = sorted(path for path in program.folder.iterdir() if path.suffix in {".mod", ".sum", ".go"})
    flags = f"{program.package} {program.tags} {program.linker_flags()} {program.files}"
    return digest_of([flags.encode(), *(part for path in files for part in (path.name.encode(), path.read_bytes()))])


def _build(program: GoProgram, target: Path, tell: Callable[[str], None]) -> None:
    if go_version() is None:
        raise ClusterError(
            f"Go {NEEDED_GO[0]}.{NEEDED_GO[1]} or newer is needed to build {program.name}, and there is none: install "
            "it from https://go.dev/dl or take the kind provider"
        )
    tell(f"building {program.name} {program.version()} (once)")
    command = ["go", "build", "-v", "-mod=readonly", "-trimpath", f"-tags={program.tags}"]
    command += ["-buildvcs=false", "-ldflags", program.linker_flags(), "-o", str(target), program.package]
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off"}
    began, tail = time.monotonic(), [""]
    with subprocess.Popen(
        command, cwd=program.folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        for count, line in _steady(process, began):
            tail = [*tail[-30:], line]
            if count is not None:
                tell(f"building {program.name}: {count} packages after {time.monotonic() - began:.0f} s")
    if process.returncode != 0:
        raise ClusterError(f"{program.name} could not be built (go build in {program.folder}):\n{''.join(tail)}")
    tell(f"built {program.name} in {time.monotonic() - began:.0f} s")


def _copy_files(program: GoProgram, folder: Path) -> None:
    if not program.files:
        return
    command = ["go", "list", "-m", "-f", "{{.Dir}}", program.version_of]
    module = subprocess.run(command, cwd=program.folder, capture_output=True, text=True, check=True).stdout.strip()
    for name in program.files:
        target = folder / Path(name).name
        target.write_bytes((Path(module) / name).read_bytes())


def _steady(process: subprocess.Popen[str], began: float) -> Iterator[tuple[int | None, str]]:
    """The lines that Go prints for each package; with their count whenever it is time to tell."""
    told, count = began, 0
    for line in process.stderr or ():
        count += not line.startswith("go: ")
        now = time.monotonic()
        if now - began > BUILD_S:
            process.kill()
        if now - told >= TELL_EVERY_S:
            told = now
            yield count, line
        else:
            yield None, line
