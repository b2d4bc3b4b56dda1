"""The open-loop load generator: when each message is due, who sends it, and what became of it."""
