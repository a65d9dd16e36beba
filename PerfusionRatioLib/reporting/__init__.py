"""The report of a comparison: one HTML file to read and to print."""
