"""Every attention layer on every task, trained by one command and kept in one file."""
