"""The support report, without secrets."""
