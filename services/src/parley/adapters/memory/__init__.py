"""What may be lost, kept in this process: registry, presence board, channels, recent keys, resume cache, leadership."""
