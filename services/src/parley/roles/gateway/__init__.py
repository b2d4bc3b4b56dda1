"""The gateway: sockets, sessions, flow control and drain; it knows nothing of what is said."""
