"""Who is no longer there: users without a live connection are declared offline after the grace."""
