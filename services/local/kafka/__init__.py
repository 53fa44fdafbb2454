"""Apache Kafka (KRaft, one node) from Maven artifacts, run on loopback without Docker."""
