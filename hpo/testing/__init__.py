"""What holds whoever wrote it: suites and planted truths for engines, models, data sets and kinds of findings."""
