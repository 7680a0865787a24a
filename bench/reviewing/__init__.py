"""The parts of `bench.reviewers`: the people, and what SQL says afterwards."""
