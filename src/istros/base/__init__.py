"""What has no domain: time, ids, bounded rings, retry, errors, and the Environment that is the only door to the world."""
