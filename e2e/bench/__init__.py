"""Measures Parley beside the products that people use today: the same workloads, machine and run."""
