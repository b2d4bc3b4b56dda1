"""How to reach the API server: from inside a pod, or as kubectl would."""

import datetime as dt
import os
from typing import Final

import kopf
from kubernetes.aio.client import Configuration
from kubernetes.aio.config import load_config

_POD_TOKEN: Final = "KUBERNETES_SERVICE_HOST"  # noqa: S105 - the name of a variable
_LOGIN_S: Final = 300
"""Watches log in anew so often, since tokens are rotated within the hour."""


async def load_access(kubeconfig: str | None = None, context: str | None = None) -> Configuration:
    """The configuration of the client; a pod's token is read again every minute."""
    configuration = Configuration()
    inside = _POD_TOKEN in os.environ and kubeconfig is None
    options = {} if inside else {"config_file": kubeconfig, "context": context}
    await load_config(client_configuration=configuration, **options)
    configuration.retries = None
    return configuration


async def connection_info(configuration: Configuration) -> kopf.ConnectionInfo:
    """The same for kopf's watches."""
    scheme, _, token = (await configuration.get_api_key_with_prefix("BearerToken") or "").partition(" ")
    return kopf.ConnectionInfo(
        server=configuration.host,
        ca_path=configuration.ssl_ca_cert,
        scheme=scheme.capitalize() or None,
        token=token.strip() or None,
        certificate_path=configuration.cert_file,
        private_key_path=configuration.key_file,
        insecure=not configuration.verify_ssl,
        expiration=dt.datetime.now(dt.UTC) + dt.timedelta(seconds=_LOGIN_S),
    )
