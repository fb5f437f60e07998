"""What runs frozen layers."""
