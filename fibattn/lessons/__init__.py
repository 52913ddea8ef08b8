"""What the pages teach with: presets, questions, and the glossary."""
