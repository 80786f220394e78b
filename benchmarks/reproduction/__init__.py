"""The studies of the five reports, run on their real data, and the page that sets what they measured beside what was printed."""
