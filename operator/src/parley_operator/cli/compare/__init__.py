"""From a file to what it would become: render, diff and the mistakes in it."""
