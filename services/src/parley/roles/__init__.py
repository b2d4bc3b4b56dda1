"""The workloads: each runs alone in its own process, or beside the others in one."""
