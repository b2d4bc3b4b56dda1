{{/*
What the development servers have in common. Called with (dict "root" $ "server" NAME). Their pods pass the restricted Pod
Security Standard; each runs as the user that its official image makes for it.
*/}}
{{- define "parley.development.selector" -}}
{{ include "parley.selector" (dict "root" .root "name" "parley-development" "component" .server) }}
{{- end -}}

{{- define "parley.development.labels" -}}
{{ include "parley.labels" (dict "root" .root "name" "parley-development" "component" .server) }}
{{- end -}}

{{/* Called with "user" and "group" too. */}}
{{- define "parley.development.security" -}}
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .user }}
  runAsGroup: {{ .group }}
  fsGroup: {{ .group }}
  seccompProfile:
    type: RuntimeDefault
{{- with include "parley.placement" .root | trim }}
{{ . }}
{{- end }}
{{- end -}}

{{- define "parley.development.container" -}}
securityContext:
  allowPrivilegeEscalation: false
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* The claim of a StatefulSet, without any label that an upgrade could change: it cannot be changed. */}}
{{- define "parley.development.claim" -}}
volumeClaimTemplates:
  - apiVersion: v1
    kind: PersistentVolumeClaim
    metadata:
      name: data
      labels:
        {{- include "parley.development.selector" . | nindent 8 }}
    spec:
      accessModes: [ReadWriteOnce]
      volumeMode: Filesystem
      {{- with .root.Values.devBackends.persistence.storageClass }}
      storageClassName: {{ . }}
      {{- end }}
      resources:
        requests:
          storage: {{ .root.Values.devBackends.persistence.size }}
{{- end -}}

{{/* A Secret with a login. Called with "login" and "password" too. */}}
{{- define "parley.development.secret" -}}
apiVersion: v1
kind: Secret
metadata:
  name: {{ .server }}-credentials
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "parley.development.labels" . | nindent 4 }}
type: kubernetes.io/basic-auth
data:
  username: {{ .login | b64enc }}
  password: {{ .password | b64enc }}
{{- end -}}

{{/* A Service. Called with "port" too; it leads to pods that are not ready yet, so that a server finds itself by its name. */}}
{{- define "parley.development.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .server }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "parley.development.labels" . | nindent 4 }}
spec:
  type: ClusterIP
  publishNotReadyAddresses: true
  selector:
    {{- include "parley.development.selector" . | nindent 4 }}
  ports:
    - name: {{ .server }}
      port: {{ .port }}
      targetPort: {{ .server }}
      protocol: TCP
{{- end -}}
