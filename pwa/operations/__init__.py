"""Running it: preparing the database, serving, health, and the demo clinic."""
