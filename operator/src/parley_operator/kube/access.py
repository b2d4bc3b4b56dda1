"""How to reach the API server: from inside a pod, or as kubectl would."""

import datetime as dt
import os
import ssl
from typing import Final

import kopf
from kubernetes.aio.client import Configuration
from kubernetes.aio.config import load_config, load_incluster_config
from typing_extensions import override

_IN_POD: Final = "KUBERNETES_SERVICE_HOST"
_LOGIN_S: Final = 300
"""Watches log in anew so often, since tokens are rotated within the hour."""


class Connection(kopf.ConnectionInfo):
    """Accepts certificates as Go does: many authorities lack the identifiers that strict mode wants."""

    @override
    def as_ssl_context(self) -> ssl.SSLContext:
        context = super().as_ssl_context()
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return context


async def load_access(kubeconfig: str | None = None, context: str | None = None) -> Configuration:
    """The configuration of the client; a pod's token is read again every minute."""
    configuration = Configuration()
    if _IN_POD in os.environ and kubeconfig is None:
        load_incluster_config(client_configuration=configuration)
    else:
        await load_config(client_configuration=configuration, config_file=kubeconfig, context=context)
    configuration.retries = None
    configuration.disable_strict_ssl_verification = True
    return configuration


async def connection_info(configuration: Configuration) -> kopf.ConnectionInfo:
    """The same for kopf's watches."""
    scheme, _, token = (await configuration.get_api_key_with_prefix("BearerToken") or "").partition(" ")
    return Connection(
        server=configuration.host,
        ca_path=configuration.ssl_ca_cert,
        scheme=scheme.capitalize() or None,
        token=token.strip() or None,
        certificate_path=configuration.cert_file,
        private_key_path=configuration.key_file,
        insecure=not configuration.verify_ssl,
        expiration=dt.datetime.now(dt.UTC) + dt.timedelta(seconds=_LOGIN_S),
    )
