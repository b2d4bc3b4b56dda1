"""What adapters share that work in threads of their own."""
