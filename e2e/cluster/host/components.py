"""The components' command lines: pure, in the order in which they are started."""

from collections.abc import Sequence
from pathlib import Path

from e2e.cluster.host import node_layout as layout

ETCD_URL = "http://127.0.0.1:2379"
_ETCD_PEER_URL = "http://127.0.0.1:2380"
_PKI = layout.CERTIFICATES

Command = Sequence[str]


def etcd() -> Command:
    """One member. It does not sync its files: a cluster that lives for minutes may lose everything with its machine."""
    return [
        str(layout.PROGRAMS / "etcd"),
        "--data-dir=/var/lib/etcd",
        f"--listen-client-urls={ETCD_URL}",
        f"--advertise-client-urls={ETCD_URL}",
        f"--listen-peer-urls={_ETCD_PEER_URL}",
        f"--initial-advertise-peer-urls={_ETCD_PEER_URL}",
        f"--initial-cluster=default={_ETCD_PEER_URL}",
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]


def containerd() -> Command:
    """The container runtime of the machine, with folders of the node."""
    return ["containerd", f"--config={layout.CONFIGURATION}/containerd.toml"]


def api_server() -> Command:
    """The API server, with the audit log that tests read."""
    return [
        str(layout.PROGRAMS / "kube-apiserver"),
        f"--etcd-servers={ETCD_URL}",
        f"--advertise-address={layout.ADDRESS}",
        "--bind-address=0.0.0.0",
        f"--secure-port={layout.API_PORT}",
        f"--service-cluster-ip-range={layout.SERVICE_NETWORK}",
        "--allow-privileged=true",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--enable-aggregator-routing=true",
        "--profiling=false",
        *_served_with("api-server"),
        f"--client-ca-file={_PKI}/ca.crt",
        f"--kubelet-certificate-authority={_PKI}/ca.crt",
        f"--kubelet-client-certificate={_PKI}/kubelet-client.crt",
        f"--kubelet-client-key={_PKI}/kubelet-client.key",
        "--kubelet-preferred-address-types=InternalIP",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={_PKI}/service-accounts.pub",
        f"--service-account-signing-key-file={_PKI}/service-accounts.key",
        f"--requestheader-client-ca-file={_PKI}/front-proxy-ca.crt",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={_PKI}/front-proxy-client.crt",
        f"--proxy-client-key-file={_PKI}/front-proxy-client.key",
        f"--audit-policy-file={layout.CONFIGURATION}/audit-policy.yaml",
        f"--audit-log-path={layout.LOGS}/audit.log",
        "--audit-log-maxsize=500",
        "--audit-log-mode=blocking",
    ]


def controller_manager() -> Command:
    """All controllers; autoscalers look often, since a test does not wait for the usual 15 s and 5 minutes."""
    return [
        str(layout.PROGRAMS / "kube-controller-manager"),
        *_known_as("controller-manager"),
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
        f"--root-ca-file={_PKI}/ca.crt",
        f"--client-ca-file={_PKI}/ca.crt",
        f"--cluster-signing-cert-file={_PKI}/ca.crt",
        f"--cluster-signing-key-file={_PKI}/ca.key",
        f"--service-account-private-key-file={_PKI}/service-accounts.key",
        "--use-service-account-credentials=true",
        f"--service-cluster-ip-range={layout.SERVICE_NETWORK}",
        f"--cluster-cidr={layout.POD_NETWORK}",
        "--allocate-node-cidrs=false",
        "--enable-hostpath-provisioner=true",
        "--flex-volume-plugin-dir=/var/lib/kubelet/volume-plugins",
        "--horizontal-pod-autoscaler-sync-period=5s",
        "--horizontal-pod-autoscaler-initial-readiness-delay=5s",
        "--horizontal-pod-autoscaler-cpu-initialization-period=10s",
        "--horizontal-pod-autoscaler-downscale-stabilization=10s",
        *_served_with("api-server"),
    ]


def scheduler() -> Command:
    """The scheduler."""
    return [
        str(layout.PROGRAMS / "kube-scheduler"),
        *_known_as("scheduler"),
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
    ]


def kubelet(control_group: str) -> Command:
    """The kubelet; pods' control groups are below `control_group`, so that what is left of them can be told apart."""
    return [
        str(layout.PROGRAMS / "kubelet"),
        f"--config={layout.CONFIGURATION}/kubelet.yaml",
        f"--kubeconfig={_PKI}/kubelet.kubeconfig",
        f"--hostname-override={layout.NAME}",
        f"--node-ip={layout.ADDRESS}",
        "--root-dir=/var/lib/kubelet",
        f"--cgroup-root=/{control_group}",
    ]


def kube_proxy() -> Command:
    """The rules behind Services, by nftables."""
    return [str(layout.PROGRAMS / "kube-proxy"), f"--config={layout.CONFIGURATION}/kube-proxy.yaml"]


def fake_nodes(stages: Sequence[Path]) -> Command:
    """Plays the kubelet of nodes that do not exist: of those that carry its annotation.

    `stages` say what becomes of them and of their pods. Heartbeats are leases, as a kubelet's: a node's status alone is
    too rare, and 50 s after one the node controller would take Ready from every pod.
    """
    return [
        str(layout.PROGRAMS / "kwok"),
        f"--kubeconfig={_PKI}/kwok.kubeconfig",
        *(f"--config={stage}" for stage in stages),
        "--manage-all-nodes=false",
        "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
        "--node-lease-duration-seconds=40",
    ]


def _served_with(name: str) -> Command:
    return [f"--tls-cert-file={_PKI}/{name}.crt", f"--tls-private-key-file={_PKI}/{name}.key"]


def _known_as(name: str) -> Command:
    file = f"{_PKI}/{name}.kubeconfig"
    return [f"--kubeconfig={file}", f"--authentication-kubeconfig={file}", f"--authorization-kubeconfig={file}"]
