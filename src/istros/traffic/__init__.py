"""What passes where: lines across a camera's picture, and the counts on them."""
