"""Certificates, keys and kubeconfigs of a node, made anew at each start."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from e2e.certificates import Authority, Certified
from e2e.cluster.host import node_layout as layout
from e2e.cluster.kubeconfig import kubeconfig

DAYS = 365
MASTERS = "system:masters"
USERS = {
    "controller-manager": ("system:kube-controller-manager", []),
    "scheduler": ("system:kube-scheduler", []),
    "kubelet": (f"system:node:{layout.NAME}", ["system:nodes"]),
    "kube-proxy": ("system:kube-proxy", []),
    "kwok": ("kwok", [MASTERS]),
}
"""Who uses which kubeconfig: the user's name and groups, as the API server's roles expect them."""


def make_credentials(folder: Path, api_port: int, context: str) -> str:
    """Write everything into `folder`; returns the administrator's kubeconfig for 127.0.0.1:`api_port`."""
    folder.mkdir(parents=True, exist_ok=True)
    authority, front_proxy = Authority("kubernetes-ca", DAYS), Authority("front-proxy-ca", DAYS)
    _save(folder, "ca", authority.own)
    _save(folder, "front-proxy-ca", front_proxy.own)
    service = "kubernetes.default.svc"
    hosts = ["kubernetes", "kubernetes.default", service, f"{service}.cluster.local", "localhost", "127.0.0.1"]
    api_hosts = [*hosts, layout.ADDRESS, layout.API_SERVICE_ADDRESS]
    _save(folder, "api-server", authority.server("kube-apiserver", api_hosts))
    _save(folder, "kubelet-client", authority.client("kube-apiserver-kubelet-client", [MASTERS]))
    _save(folder, "front-proxy-client", front_proxy.client("front-proxy-client"))
    kubelet, node_hosts = f"system:node:{layout.NAME}", [layout.NAME, layout.ADDRESS]
    _save(folder, "kubelet-server", authority.server(kubelet, node_hosts, ["system:nodes"]))
    _save_service_account_key(folder)
    inside = f"https://{layout.ADDRESS}:{layout.API_PORT}"
    for user, (name, groups) in USERS.items():
        text = kubeconfig(context, inside, authority.own.certificate_pem, user, authority.client(name, groups))
        _write(folder / f"{user}.kubeconfig", text.encode())
    administrator = authority.client("kubernetes-admin", [MASTERS])
    address = f"https://127.0.0.1:{api_port}"
    return kubeconfig(context, address, authority.own.certificate_pem, "administrator", administrator)


def _save(folder: Path, name: str, certified: Certified) -> None:
    _write(folder / f"{name}.crt", certified.certificate_pem)
    _write(folder / f"{name}.key", certified.key_pem)


def _save_service_account_key(folder: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    _write(folder / "service-accounts.key", private)
    _write(folder / "service-accounts.pub", public)


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
