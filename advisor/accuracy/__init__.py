"""How far predictions are from what real runs measured: cases, what answers say of them, scores, pages."""
