"""The chat service over HTTP, for gateways that are processes of their own."""
