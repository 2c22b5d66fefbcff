"""The sandbox's rules, without a network, a repository or a disk."""
