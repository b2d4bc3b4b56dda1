"""What installs and removes the operator."""
