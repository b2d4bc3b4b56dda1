{{/* Names and labels. None of them holds a version where it would select or restart pods. */}}

{{/* The operator's name, which begins the names of all its objects; room for what follows it is left. */}}
{{- define "parley.name" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if hasSuffix "-operator" .Release.Name -}}
{{- .Release.Name | trunc 48 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-operator" (.Release.Name | trunc 39 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{- define "parley.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (ternary (include "parley.name" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{/* What selects pods. Called with (dict "root" $ "name" NAME "component" COMPONENT). */}}
{{- define "parley.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Labels of objects that are no pods, called with the same. */}}
{{- define "parley.labels" -}}
{{ include "parley.selector" . }}
app.kubernetes.io/part-of: parley
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The operator's own: what `parley-operator manifests` calls parley-operator. */}}
{{- define "parley.operator.selector" -}}
{{ include "parley.selector" (dict "root" . "name" "parley-operator" "component" "operator") }}
{{- end -}}

{{- define "parley.operator.labels" -}}
{{ include "parley.labels" (dict "root" . "name" "parley-operator" "component" "operator") }}
{{- end -}}
