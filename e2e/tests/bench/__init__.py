"""Tests of the benchmark: its arithmetic, its checks, and each driver against its real product."""
