"""What a checkout needs before Istros can run: set-up, builds, and the measures of the code."""
