"""Who must get an entry, and where they are: the timeline becomes deliveries to gateways."""
