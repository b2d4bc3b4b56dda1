"""The clients of each product, one protocol a file. `driver_of` finds the one for a target."""
