"""Parley: a chat platform whose log decides the order and whose store keeps it."""
