"""The queue contract; a job goes in, every submission's judgement comes out exactly once."""
