{{/*
Rights in the watched namespaces: a Role and its binding in each, or, when all are watched, a ClusterRole. Called with
(dict "root" $ "name" NAME "account" SERVICEACCOUNT "rules" RULES).

A second release for all namespaces, with the same name, is refused by Helm because the ClusterRole is there already. That
is wanted: two operators would work on the same ChatClusters.
*/}}
{{- define "parley.grant" -}}
{{- $names := include "parley.namespaces" .root -}}
{{- if $names -}}
{{- range $index, $namespace := splitList "," $names }}
{{- if $index }}
---
{{- end }}
{{ include "parley.grant.one" (merge (dict "kind" "Role" "namespace" $namespace) $) }}
{{- end }}
{{- else -}}
{{ include "parley.grant.one" (merge (dict "kind" "ClusterRole" "namespace" "") .) }}
{{- end }}
{{- end -}}

{{- define "parley.grant.one" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .kind }}
metadata:
  name: {{ .name }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "parley.operator.labels" .root | nindent 4 }}
rules:
  {{- .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .kind }}Binding
metadata:
  name: {{ .name }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "parley.operator.labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ .kind }}
  name: {{ .name }}
subjects:
  - kind: ServiceAccount
    name: {{ .account }}
    namespace: {{ .root.Release.Namespace }}
{{- end -}}
