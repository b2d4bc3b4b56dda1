"""Measures how fast the stages are, alone and together. A benchmark and no test: its numbers belong to one machine."""
