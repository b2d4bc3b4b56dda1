"""The file by which every client finds a cluster."""

import base64
import json

from e2e.certificates import Certified


def kubeconfig(context: str, server: str, authority_pem: bytes, user: str, client: Certified) -> str:
    """A kubeconfig with one context of this name; as JSON, which every reader of YAML takes."""

    def encoded(content: bytes) -> str:
        return base64.b64encode(content).decode()

    cluster = {"server": server, "certificate-authority-data": encoded(authority_pem)}
    credentials = {
        "client-certificate-data": encoded(client.certificate_pem),
        "client-key-data": encoded(client.key_pem),
    }
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context,
        "clusters": [{"name": context, "cluster": cluster}],
        "users": [{"name": user, "user": credentials}],
        "contexts": [{"name": context, "context": {"cluster": context, "user": user}}],
    }
    return json.dumps(content, indent=2) + "\n"
