"""Noticing that a ChatCluster or something of it changed."""
