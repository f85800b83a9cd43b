"""What a running installation tells about itself."""
