"""What an airline flies with, whom for and at what prices."""
