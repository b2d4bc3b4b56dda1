"""What is made from the Helm chart in `chart/`."""
