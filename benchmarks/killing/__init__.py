"""What `benchmarks chaos` is made of."""
