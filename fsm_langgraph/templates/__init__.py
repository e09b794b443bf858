"""Templates: texts with tags over the context, and the lookups in the store that they read."""
