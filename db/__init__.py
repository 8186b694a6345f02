"""PostgreSQL: schema, store, listener, embedded server."""
