"""Real parts obtained as packages on a machine without Docker: PostgreSQL and Apache Kafka on loopback."""
