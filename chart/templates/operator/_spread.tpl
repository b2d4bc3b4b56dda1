{{/* Where the operator's pods go: as the values say, or, when they say nothing, rather not two on one node. */}}
{{- define "parley.operator.spread" -}}
{{- with .Values.topologySpreadConstraints -}}
topologySpreadConstraints:
  {{- toYaml . | nindent 2 }}
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
