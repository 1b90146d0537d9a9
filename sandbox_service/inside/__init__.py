"""What runs within a box's world: the standard library only, and nothing of the rest of the service."""
