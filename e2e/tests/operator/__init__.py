"""The operator on a real API server, with real pods where that matters."""
