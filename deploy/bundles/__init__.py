"""What is shipped: the Lambda zip and the Managed Flink zip, byte for byte the same from the same sources."""
