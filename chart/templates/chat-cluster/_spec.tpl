{{/*
The spec of the first ChatCluster: what the values say, over the addresses of the development servers and the Secret of
tokens where the release makes these.
*/}}
{{- define "parley.chatCluster.spec" -}}
{{- $spec := dict -}}
{{- if .Values.devBackends.enabled -}}
{{- $spec = include "parley.chatCluster.development" . | fromYaml -}}
{{- end -}}
{{- if .Values.chatCluster.tokenSecret -}}
{{- $_ := set $spec "auth" (dict "jwtSecret" (dict "name" (printf "%s-tokens" .Values.chatCluster.name) "key" "jwt")) -}}
{{- end -}}
{{- $spec = mergeOverwrite $spec (deepCopy .Values.chatCluster.spec) -}}
{{- range $part := list "kafka" "cql" "redis" -}}
{{- if not (get $spec $part) -}}
{{- fail (printf "chatCluster.create is true and chatCluster.spec.%s is not set: say where it is (kubectl explain chatcluster.spec.%s), or set devBackends.enabled" $part $part) -}}
{{- end -}}
{{- end -}}
{{- if not (get $spec "auth") -}}
{{- fail "chatCluster.create is true and chatCluster.spec.auth is not set: say who may connect (kubectl explain chatcluster.spec.auth), or set chatCluster.tokenSecret" -}}
{{- end -}}
{{- toYaml $spec -}}
{{- end -}}

{{- define "parley.chatCluster.development" -}}
size: development
kafka:
  bootstrapServers: ["kafka.{{ .Release.Namespace }}.svc:9092"]
  authentication:
    type: scram-sha-512
    credentialsSecret:
      name: kafka-credentials
cql:
  contactPoints: ["cql.{{ .Release.Namespace }}.svc"]
  credentialsSecret:
    name: cql-credentials
redis:
  address: redis.{{ .Release.Namespace }}.svc:6379
  credentialsSecret:
    name: redis-credentials
{{- end -}}

{{- define "parley.chatCluster.labels" -}}
{{ include "parley.labels" (dict "root" . "name" "parley-first-chat-cluster" "component" "first-chat-cluster") }}
{{- end -}}
