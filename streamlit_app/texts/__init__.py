"""The texts of the larger pages, each as key to English and Spanish; `words.py` says them."""
