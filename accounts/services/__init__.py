"""Everything that changes an account, one idea per module."""
