"""Keras's side: layers, models, the fused training program, and what a trained network is asked."""
