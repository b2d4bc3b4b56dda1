"""The message store on Scylla or Cassandra, for roles that are processes of their own."""
