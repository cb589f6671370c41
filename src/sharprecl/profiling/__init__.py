"""What a corpus is like before anything is trained on it: class sizes, text lengths, near duplicates."""
