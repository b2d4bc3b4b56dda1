"""From measured costs to the load of the whole internet: a model, simulations, and checks against small real runs."""
