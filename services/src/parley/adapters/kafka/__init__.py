"""The event log on Kafka, for roles that are processes of their own."""
