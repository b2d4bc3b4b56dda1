"""What the roles need from the outside world, one small Protocol per noun."""
