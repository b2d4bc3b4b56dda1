"""What travels: frames between client and gateway, calls between roles, records of the log."""
