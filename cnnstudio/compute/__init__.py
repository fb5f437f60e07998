"""Pictures through a network, fast: devices, engines, features."""
