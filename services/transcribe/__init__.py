"""The service that turns a recording into a dialogue: who said what and when, and how it sounded."""
