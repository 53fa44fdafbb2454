"""How the review's database came to be, step by step."""
