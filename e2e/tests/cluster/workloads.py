"""Objects that tests put into a cluster; their image is that of the services, for its Python."""

from typing import Any

PYTHON = "/opt/parley/bin/python"
PORT = 8000
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}

Manifest = dict[str, Any]

ECHO = f"""
import http.server, os
class Echo(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print('asked for', self.path, flush=True)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.uname().nodename.encode())
    def log_message(self, *arguments):
        pass
http.server.ThreadingHTTPServer(('', {PORT}), Echo).serve_forever()
"""
"""Answers every request with the name of its pod."""


def pod_spec(image: str, script: str, **container: Any) -> Manifest:
    """A pod that runs a Python script as the restricted profile of pod security wants it."""
    main = {
        "name": "main",
        "image": image,
        "imagePullPolicy": "Never",
        "command": [PYTHON, "-c", script],
        "securityContext": RESTRICTED,
        **container,
    }
    return {"terminationGracePeriodSeconds": 1, "containers": [main]}


def pod(namespace: str, name: str, spec: Manifest) -> Manifest:
    """A pod that runs once."""
    metadata = {"name": name, "namespace": namespace, "labels": {"app": name}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"restartPolicy": "Never", **spec}}


def workload(kind: str, namespace: str, name: str, spec: Manifest, **more: Any) -> Manifest:
    """A Deployment or StatefulSet of such pods."""
    template = {"metadata": {"labels": {"app": name}}, "spec": spec}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": template, **more},
    }


def service(namespace: str, name: str, **spec: Any) -> Manifest:
    """A Service in front of the pods of this name."""
    ports = [{"name": "http", "port": PORT, **({"nodePort": spec.pop("node_port")} if "node_port" in spec else {})}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {"app": name}, "ports": ports, **spec},
    }


def probe(path: str = "/") -> Manifest:
    """Asks often, since a test waits for the answer."""
    return {"httpGet": {"path": path, "port": PORT}, "periodSeconds": 1}


def fake_node_manifest(name: str) -> Manifest:
    """A node that does not exist: pods pretend to run on it. Keeps off whoever does not tolerate that."""
    kind = {"kwok.x-k8s.io/node": "fake"}
    metadata = {"name": name, "annotations": kind, "labels": {**kind, "kubernetes.io/hostname": name}}
    taint = {"key": "kwok.x-k8s.io/node", "value": "fake", "effect": "NoSchedule"}
    return {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": {"taints": [taint]}}
