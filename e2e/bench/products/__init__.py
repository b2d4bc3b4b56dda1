"""The products that are measured: each is installed, started with durable history, and ended."""
