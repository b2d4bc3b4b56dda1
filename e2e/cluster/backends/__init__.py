"""Kafka, CQL and Redis for a cluster's pods, under the same names everywhere."""
