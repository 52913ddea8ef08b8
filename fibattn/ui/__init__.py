"""The pages: everything that uses Streamlit."""
