"""The outside world behind the ports, one package per technology; drivers appear nowhere else."""
