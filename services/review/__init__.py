"""People decide: sampling, listening, evaluation, appeals, credit, and who may do which of it."""
