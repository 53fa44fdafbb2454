"""How people and programs reach the review over HTTP."""
