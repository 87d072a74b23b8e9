"""The kernel: what data looks like, moving and stored. Imports nothing of ours."""
