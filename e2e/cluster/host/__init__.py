"""One Kubernetes node as processes of this machine, inside namespaces of its own."""
