"""The public HTTP API: a thin edge that turns requests into the socket's own frames."""
