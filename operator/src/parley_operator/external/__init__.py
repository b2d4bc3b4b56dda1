"""What stands outside Kubernetes: Kafka, the message store, Redis, and the pods' own metrics."""
