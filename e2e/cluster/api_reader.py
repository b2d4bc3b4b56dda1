"""Reads objects over connections that stay open: to start kubectl for each look costs more than what is looked at."""

import json
from pathlib import Path
from typing import Any

from kubernetes.client import ApiClient, Configuration
from kubernetes.config import load_kube_config
from urllib3 import Timeout
from urllib3.exceptions import HTTPError

from e2e.cluster.failure import ClusterError

_CALL_S = 30.0
_OK = 200
_AUTHENTICATION = ["BearerToken"]


class ApiReader:
    """One API server, asked as kubectl would; whatever does not work raises ClusterError. Threads may share it."""

    def __init__(self, kubeconfig: Path, context: str) -> None:
        """Connect at the first look."""
        configuration = Configuration()
        load_kube_config(str(kubeconfig), context, client_configuration=configuration, persist_config=False)
        # A try again would hide from a test that the API server was away.
        configuration.retries = False
        # Many authorities lack the identifiers that strict mode wants; Go does not ask for them.
        configuration.disable_strict_ssl_verification = True
        self._host = configuration.host
        self._client = ApiClient(configuration)

    def get(self, path: str, **query: str) -> Any:  # noqa: ANN401 - whatever the object is
        """The object or the list at a path."""
        headers: dict[str, str] = {"Accept": "application/json"}
        self._client.update_params_for_auth(headers, [], _AUTHENTICATION, path, "GET", None)
        try:
            answer = self._client.rest_client.pool_manager.request(
                "GET", self._host + path, fields=query, headers=headers, timeout=Timeout(_CALL_S)
            )
        except HTTPError as error:
            raise ClusterError(f"the API server at {self._host} did not answer: {error}") from error
        if answer.status != _OK:
            raise ClusterError(f"GET {path} ended with {answer.status}: {answer.data.decode(errors='replace')[:500]}")
        return json.loads(answer.data)
