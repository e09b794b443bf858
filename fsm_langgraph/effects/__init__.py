"""What a turn wants from outside, as typed values, and the two drivers that carry it out."""
