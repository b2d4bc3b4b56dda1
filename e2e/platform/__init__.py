"""All roles as processes on the real servers, behind one port: what a cluster does, on one machine."""
