"""How sure a network is, and what that is worth: promises, costs, reliability."""
