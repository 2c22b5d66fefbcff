"""What the gateway decides: requests, numbers, activations and deadlines. Pure."""
