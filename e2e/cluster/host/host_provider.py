"""A node as processes of this machine: Linux, root, no Docker."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from e2e.backends.process import ServerProcess
from e2e.backends.process_id import remembered
from e2e.cluster.backends.host_backends import HostBackends
from e2e.cluster.failure import ClusterError
from e2e.cluster.host import go_programs, requirements
from e2e.cluster.host import node_layout as layout
from e2e.cluster.host.control_groups import ControlGroups
from e2e.cluster.host.credentials import make_credentials
from e2e.cluster.host.ports import NodePorts
from e2e.cluster.host.supervisor import NODE_PID
from e2e.cluster.kubectl import Kubectl
from e2e.cluster.provider import Features, Info, Tell
from e2e.images import archive
from e2e.images.architecture import of_this_machine
from e2e.images.archive import layer_of, write_image
from e2e.kept import digest_of, kept

CONTEXT = "parley-host"
START_S = 180.0
END_S = 60.0
"""The kernel takes about a second to end everything."""
ADDONS = Path(__file__).parent.parent / "addons"
CONFIGURATION = Path(__file__).parent / "configuration"
IMAGES = ("pause", "coredns", "metrics-server")
PROJECT = Path(__file__).parents[3]


class HostProvider:
    """One node whose files are all in `folder`; with `bound` it ends with this process."""

    def __init__(self, folder: Path, *, bound: bool = False) -> None:
        """Name the folder; nothing is made yet."""
        self.folder = folder.resolve()
        name = f"parley-{hashlib.sha256(str(self.folder).encode()).hexdigest()[:8]}"
        self.control_groups = ControlGroups(name)
        self.ports = NodePorts(self.folder)
        command = [sys.executable, "-m", "e2e.cluster.host.supervisor", str(self.folder), name]
        paths = {"PYTHONPATH": str(PROJECT), "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
        self.supervisor = ServerProcess("node", "127.0.0.1", self.folder, command, self._probe, paths, bound)

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.folder / "kubeconfig"

    @property
    def kubectl(self) -> Kubectl:
        """Kubectl of the cluster's own version."""
        return Kubectl(str(self._inside(layout.PROGRAMS) / "kubectl"), self.kubeconfig, CONTEXT)

    def lacking(self) -> list[str]:
        """What this machine lacks for a node."""
        return requirements.lacking(self.folder)

    def up(self, tell: Tell) -> None:
        """Bring the node up; what an earlier run left behind is removed first."""
        if self.supervisor.alive and self._inside(layout.STARTED).exists():
            tell("the node runs already")
            return self._await_node()
        missing = self.lacking()
        if missing:
            raise ClusterError("a node cannot run here:" + "".join(f"\n  - {text}" for text in missing))
        self._sweep()
        self._prepare(tell)
        tell("starting the node")
        self.control_groups.create()
        self.supervisor.start()
        self.supervisor.wait_ready(START_S)
        return self._await_node()

    def load(self, images: Path) -> None:
        """Import an archive of images into the node's container runtime."""
        self._demand_running()
        command = ["ctr", "--address", str(layout.CONTAINERD_SOCKET), "-n", "k8s.io", "images", "import", "-"]
        with images.open("rb") as content:
            done = subprocess.run([*self.enter(), *command], stdin=content, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ClusterError(f"{images} could not be loaded: {done.stderr.strip()}. Is it an archive of images?")

    def info(self) -> Info:
        """Describe the node."""
        self._demand_running()
        programs = {name: str(self._inside(layout.PROGRAMS) / name) for name in ("kubectl", "helm")}
        return Info(
            provider="host",
            context=CONTEXT,
            kubeconfig=str(self.kubeconfig),
            versions={program.name: program.version() for program in go_programs.PROGRAMS if program.version_of},
            features=Features(metrics=True, audit=True, fake_nodes=True),
            programs=programs,
            node_ports=self.ports.node_ports(),
            audit_log=str(self.folder / "logs" / "audit.log"),
        )

    def logs(self, target: Path) -> None:
        """Copy the logs of components and pods, and what the API server knows."""
        target.mkdir(parents=True, exist_ok=True)
        if self.supervisor.log_path.exists():
            shutil.copy(self.supervisor.log_path, target / "node.log")
        if (self.folder / "logs").exists():
            # The kubelet's folder `containers` has links that lead nowhere outside the node.
            ignored = shutil.ignore_patterns("containers")
            shutil.copytree(self.folder / "logs", target, dirs_exist_ok=True, ignore=ignored)
        if self.supervisor.alive:
            for kind in ("nodes", "pods", "events"):
                said = self.kubectl.attempt("get", kind, "--all-namespaces", "--output=wide").stdout
                (target / f"{kind}.txt").write_text(said)

    def down(self) -> None:
        """End the node and the backends beside it, and remove its folder."""
        self._sweep()
        if (self.folder / "backends").exists():
            HostBackends(self.folder).down()
        shutil.rmtree(self.folder, ignore_errors=True)

    def enter(self) -> list[str]:
        """The beginning of a command line that runs inside the node."""
        node = remembered(self.folder / NODE_PID)
        if node is None:
            raise ClusterError("the node is not there any more. Start it again: make cluster")
        return ["nsenter", f"--target={node}", "--mount", "--pid", "--net"]

    def _prepare(self, tell: Tell) -> None:
        for name in layout.SHOWN:
            (self.folder / name).mkdir(parents=True)
        (self.folder / "tmp").chmod(0o1777)
        programs, images = self._inside(layout.PROGRAMS), self._inside(layout.IMAGES)
        programs.mkdir(parents=True)
        images.mkdir()
        stages = self._inside(layout.FAKE_NODE_STAGES)
        stages.mkdir()
        for program in go_programs.PROGRAMS:
            file = go_programs.built(program, tell)
            for name in program.called or (program.name,):
                _link(file, programs / name)
            for name in program.files:
                shutil.copy(file.parent / Path(name).name, stages)
            if program.name in IMAGES:
                _link(_image_of(file), images / f"{program.name}.tar")
        shutil.copytree(CONFIGURATION, self._inside(layout.CONFIGURATION))
        shutil.copy(CONFIGURATION / "fake-pod-ready-again.yaml", stages)
        text = make_credentials(self._inside(layout.CERTIFICATES), self.ports.api, CONTEXT)
        self.kubeconfig.touch(mode=0o600)
        self.kubeconfig.write_text(text)

    def _await_node(self) -> None:
        self.kubectl("apply", "--server-side", "--kustomize", str(ADDONS))
        self.kubectl.wait("condition=Ready", f"node/{layout.NAME}")
        self.kubectl.wait("condition=Available", "deployment/coredns", "--namespace=kube-system")

    def _sweep(self) -> None:
        """End what runs and remove what is left, but for the choice of ports."""
        self.supervisor.stop()
        deadline = time.monotonic() + END_S
        while remembered(self.folder / NODE_PID) is not None:
            if time.monotonic() > deadline:
                raise ClusterError(f"the node of {self.folder} does not end: the kernel holds it. Look at its disk")
            time.sleep(0.02)
        self.control_groups.remove()
        for name in layout.SHOWN:
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def _probe(self) -> None:
        if not self._inside(layout.STARTED).exists():
            raise ClusterError("not every component runs yet")
        self.kubectl("get", f"node/{layout.NAME}")

    def _demand_running(self) -> None:
        if not self.supervisor.alive or not self.kubeconfig.exists():
            raise ClusterError(f"no node runs in {self.folder}. Start one: make cluster")

    def _inside(self, place: Path) -> Path:
        return layout.outside(self.folder, place)


def _image_of(program: Path) -> Path:
    """The archive of an image of a built program, which is kept as the program is."""

    def make(folder: Path) -> None:
        configuration = {"Entrypoint": [f"/{program.name}"], "User": "65532:65532"}
        reference = f"parley.test/{program.name}:1"
        write_image(folder / "image.tar", reference, layer_of([program]), of_this_machine(), configuration)

    written_by = Path(archive.__file__).read_bytes()
    digest = digest_of([program.parent.name.encode(), written_by])
    return kept(f"cluster-image-{program.name}", digest, make) / "image.tar"


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copy(source, target)
