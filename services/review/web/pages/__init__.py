"""Pages for people: server-rendered, quick, usable by keyboard and without scripts."""
