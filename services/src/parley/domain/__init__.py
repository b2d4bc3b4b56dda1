"""The rules of conversations as pure functions: no clock, no randomness, no input or output."""
