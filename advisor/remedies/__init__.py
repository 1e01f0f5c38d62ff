"""Remedies: what rules propose, asked again and ranked by what came out."""
