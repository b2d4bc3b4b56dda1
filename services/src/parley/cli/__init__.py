"""The command `parley`: the only way that its processes are started."""
