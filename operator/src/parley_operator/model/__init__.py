"""The ChatCluster as people write it: one file for each part of its spec. Pure, like all that stands on it."""
