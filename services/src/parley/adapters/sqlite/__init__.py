"""Event log and message store in two SQLite files: durable, for one process."""
