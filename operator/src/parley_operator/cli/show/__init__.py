"""Commands that show how ChatClusters stand."""
