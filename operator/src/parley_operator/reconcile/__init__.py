"""One pass over one ChatCluster: look, compare, act, report. Comparing and reporting are pure."""
