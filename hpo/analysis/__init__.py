"""Numbers from trials: named tuples out of a table, never a picture. Where nothing can be said, the reason why."""
