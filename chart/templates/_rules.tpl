{{/* The operator's permissions: those of parley_operator/kube/permissions.py, with which a test compares them. */}}

{{/* In every namespace that is watched. */}}
{{- define "parley.rules" -}}
- apiGroups: [parley.chat]
  resources: [chatclusters]
  verbs: [get, list, watch, patch]
- apiGroups: [parley.chat]
  resources: [chatclusters/status]
  verbs: [patch]
- apiGroups: [parley.chat]
  resources: [chatclusters/finalizers]
  verbs: [update]
- apiGroups: [""]
  resources: [configmaps, serviceaccounts, services]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [apps]
  resources: [deployments, statefulsets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [ingresses, networkpolicies]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [gateway.networking.k8s.io]
  resources: [httproutes]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [keda.sh]
  resources: [scaledobjects]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [monitoring.coreos.com]
  resources: [podmonitors, prometheusrules]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch, delete]
- apiGroups: [""]
  resources: [pods/eviction]
  verbs: [create]
- apiGroups: [apps]
  resources: [controllerrevisions]
  verbs: [get]
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, create]
- apiGroups: [""]
  resources: [events]
  verbs: [create, patch]
{{- end -}}

{{/* In the operator's own namespace. */}}
{{- define "parley.rules.lease" -}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [get, create, update]
{{- end -}}

{{/* What `helm uninstall` needs of ChatClusters before the operator goes. */}}
{{- define "parley.rules.uninstall" -}}
- apiGroups: [parley.chat]
  resources: [chatclusters]
  verbs: [get, list, patch]
{{- end -}}
