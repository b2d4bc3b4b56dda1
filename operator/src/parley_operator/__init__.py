"""The operator that turns a ChatCluster resource into a running chat platform."""
