"""Identity by JSON Web Tokens."""
