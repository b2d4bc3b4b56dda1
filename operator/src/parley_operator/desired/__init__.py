"""From a ChatCluster to the objects that it needs: a pure function, one file for each kind of object."""
