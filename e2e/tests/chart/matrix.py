"""Values with which the chart is rendered, each for something that people do."""

from typing import Any

SERVERS = {
    "kafka": {"bootstrapServers": ["kafka.example.com:9092"]},
    "cql": {"contactPoints": ["cql.example.com"]},
    "redis": {"address": "redis.example.com:6379"},
    "auth": {"jwksUrl": "https://login.example.com/keys"},
}
DIGEST = f"sha256:{'0123456789abcdef' * 4}"
FURTHER_TEXT = """
apiVersion: v1
kind: ConfigMap
metadata:
  name: text
  namespace: {{ .Release.Namespace }}
  labels:
    app.kubernetes.io/instance: {{ .Release.Name }}
"""
MONITORS = {
    "prometheusRule": {"enabled": True},
    "dashboards": {"enabled": True, "annotations": {"grafana_folder": "p"}},
}

MATRIX: dict[str, dict[str, Any]] = {
    "as it comes": {},
    "one pod": {"replicaCount": 1},
    "listed namespaces": {"watchNamespaces": ["chat-one", "chat-two"]},
    "its own namespace": {"watchReleaseNamespace": True, "crds": {"install": False}},
    "listed namespaces and its own": {"watchNamespaces": ["chat-one"], "watchReleaseNamespace": True},
    "a definition that goes with the release": {"crds": {"keep": False}},
    "rights from elsewhere": {
        "rbac": {"create": False},
        "serviceAccount": {"create": False, "name": "mine"},
    },
    "development servers": {"devBackends": {"enabled": True}},
    "development servers that keep nothing": {
        "devBackends": {"enabled": True, "persistence": {"enabled": False}, "networkPolicy": False},
    },
    "development servers on a storage class": {
        "devBackends": {"enabled": True, "persistence": {"storageClass": "fast", "size": "10Gi"}},
    },
    "a first ChatCluster on development servers": {
        "devBackends": {"enabled": True},
        "chatCluster": {"create": True, "tokenSecret": "change-me-" * 4},
    },
    "a first ChatCluster on servers of one's own": {"chatCluster": {"create": True, "name": "talk", "spec": SERVERS}},
    "a pod monitor": {"metrics": {"podMonitor": {"enabled": True, "labels": {"release": "p"}}, **MONITORS}},
    "a service monitor": {"metrics": {"serviceMonitor": {"enabled": True, "interval": "1m"}}},
    "no metrics": {"metrics": {"annotations": False, "service": {"enabled": False}}},
    "a site without a way out": {
        "global": {"imageRegistry": "registry.example.com:5000"},
        "imagePullSecrets": [{"name": "registry"}],
        "image": {"digest": DIGEST},
        "servicesImage": {"digest": DIGEST},
        "devBackends": {"enabled": True, "kafka": {"image": {"digest": DIGEST}}},
    },
    "closed networks": {
        "networkPolicy": {
            "metricsFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
            "egressPorts": [443, 6443, 9042, 9092, 6379, 9090],
        },
    },
    "open networks": {"networkPolicy": {"enabled": False}, "podDisruptionBudget": {"enabled": False}},
    "chosen nodes": {
        "nodeSelector": {"kubernetes.io/arch": "arm64"},
        "tolerations": [{"key": "dedicated", "operator": "Equal", "value": "chat", "effect": "NoSchedule"}],
        "affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
        "priorityClassName": "system-cluster-critical",
    },
    "spread over zones": {
        "replicaCount": 3,
        "topologySpreadConstraints": [
            {"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "ScheduleAnyway"}
        ],
    },
    "settings and variables": {
        "settings": {"RESYNC_S": "60", "WORKERS": 4},
        "logLevel": "debug",
        "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy.example.com:3128"}],
        "podAnnotations": {"example.com/a": "b"},
        "podLabels": {"example.com/team": "chat"},
    },
    "names and labels": {"fullnameOverride": "talk", "commonLabels": {"example.com/cost-centre": "12"}},
    "another test": {
        "test": {
            "chatCluster": "talk",
            "namespace": "elsewhere",
            "url": "https://chat.example.com",
            "tokenSecret": {"name": "keys", "key": "hs256"},
            "issuer": "me",
            "audience": "you",
        },
        "preDelete": {"enabled": False},
    },
    "further objects": {
        "extraObjects": [
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {
                    "name": "further",
                    "namespace": "{{ .Release.Namespace }}",
                    "labels": {"app.kubernetes.io/instance": "{{ .Release.Name }}"},
                },
                "data": {"release": "{{ .Release.Name }}"},
            },
            FURTHER_TEXT,
        ],
    },
}
