{{/* Where the operator's pods go: as the values say, or, when they say nothing, rather not two on one node. */}}
{{- define "parley.operator.spread" -}}
{{- if .Values.topologySpreadConstraints -}}
{{- /* One that names no pods would spread none: these are meant. */}}
{{- $mine := dict "labelSelector" (dict "matchLabels" (include "parley.operator.selector" . | fromYaml)) -}}
topologySpreadConstraints:
{{- range .Values.topologySpreadConstraints }}
  - {{- ternary . (merge (deepCopy .) $mine) (hasKey . "labelSelector") | toYaml | nindent 4 }}
{{- end }}
{{- end }}
{{- if .Values.affinity }}
affinity:
  {{- toYaml .Values.affinity | nindent 2 }}
{{- else if not .Values.topologySpreadConstraints }}
affinity:
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 1
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels:
              {{- include "parley.operator.selector" . | nindent 14 }}
{{- end }}
{{- end -}}
