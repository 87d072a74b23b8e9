"""The daily report: what the network did on one day, worst first, as one page for people and its figures as JSON."""
