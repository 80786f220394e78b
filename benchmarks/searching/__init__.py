"""What `python -m benchmarks search` compares, and on what."""
