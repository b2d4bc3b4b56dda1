{{/* Where the operator works. */}}

{{/* The watched namespaces with commas between, each once; empty for all. */}}
{{- define "parley.namespaces" -}}
{{- $names := .Values.watchNamespaces -}}
{{- if .Values.watchReleaseNamespace -}}
{{- $names = append $names .Release.Namespace -}}
{{- end -}}
{{- $names | uniq | join "," -}}
{{- end -}}

{{/* Environment by which commands know where they are and what they look after. */}}
{{- define "parley.scope.environment" -}}
- name: PARLEY_OPERATOR_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: PARLEY_OPERATOR_WATCH_NAMESPACES
  value: {{ include "parley.namespaces" . | quote }}
- name: PARLEY_OPERATOR_LEASE_NAME
  value: {{ include "parley.name" . }}
{{- end -}}
