"""Where the jobs of AWS Glue enter, each by the module of its name; what they need stands in the environment."""
