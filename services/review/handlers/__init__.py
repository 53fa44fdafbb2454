"""One plain function a command or event: load, decide, save, tell; a module a subject."""
