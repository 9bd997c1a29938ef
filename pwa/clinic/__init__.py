"""What clinicians see and do: worklist, patients, reviews, settings."""
