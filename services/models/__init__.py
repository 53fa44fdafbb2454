"""Which weights serve: a model is named in settings and found in a folder, the hub's cache, a package, or the hub."""
