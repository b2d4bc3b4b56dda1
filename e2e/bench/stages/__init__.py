"""Measures each stage of Parley, alone and together. A benchmark and no test: its numbers belong to one machine."""
