"""How quick and how quiet the operator is, on a real API server without nodes."""
