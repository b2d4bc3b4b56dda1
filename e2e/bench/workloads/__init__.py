"""One workload a file: what is done to a product, and what is measured."""
