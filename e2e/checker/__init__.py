"""The history checker: compares what clients were promised with what everybody saw. It knows nothing of the server."""
