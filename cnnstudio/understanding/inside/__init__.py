"""What single channels of a network do: what they contribute, what excites them, what training made of them."""
