"""One file for each kind of test: its options, and the function that puts them to the trials."""
