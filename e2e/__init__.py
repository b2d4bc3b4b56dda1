"""What is proven and measured from outside, on running platforms."""
