"""The real servers on free loopback ports, for development and for tests: no container is needed."""
