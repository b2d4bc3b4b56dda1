"""Builds the images of images/ with whatever builds images here, and the few that a host's node needs."""
