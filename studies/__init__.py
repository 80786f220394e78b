"""The built-in study files; hpo.catalog finds them by name."""
