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


class Access:
    """The way to one API server, with a token that may be rotated at any time."""

    def __init__(self, kubeconfig: str | None = None, context: str | None = None) -> None:
        """Without a kubeconfig that of kubectl is used, or what a pod has; nothing is read yet."""
        self._kubeconfig = kubeconfig
        self._context = context
        self.configuration = Configuration()

    async def load(self) -> "Access":
        """Read everything, also a token that is newer than the one in use."""
        fresh = Configuration()
        if _IN_POD in os.environ and self._kubeconfig is None:
            load_incluster_config(client_configuration=fresh)
        else:
            await load_config(client_configuration=fresh, config_file=self._kubeconfig, context=self._context)
        fresh.retries = None
        fresh.disable_strict_ssl_verification = True
        if self.configuration.host == fresh.host:
            # The client keeps the configuration that it was made with: only what proves us is renewed in it.
            self.configuration.api_key = fresh.api_key
        else:
            self.configuration = fresh
        return self

    async def connection(self) -> kopf.ConnectionInfo:
        """The same for kopf's watches, with the newest token."""
        configuration = (await self.load()).configuration
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
