"""The Chat Service: accepts changes, answers questions, and serves the HTTP API."""
