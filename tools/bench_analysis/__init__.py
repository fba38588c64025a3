"""What analysing thirty cameras costs, by part, and what the hurry costs in plates read: docs/benchmarks/analysis.md."""
