"""Order: the ingress log becomes rows with a seq, and a timeline."""
