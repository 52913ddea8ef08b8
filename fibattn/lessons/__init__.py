"""What the page teaches with: presets."""
