"""What may be lost, on Redis: registry, presence board, channels, recent keys, resume cache, leadership."""
