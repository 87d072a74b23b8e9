"""The stores as typed, frozen records; the only place that talks to AWS. Everything is asked for by an `Actor`."""
