"""The commands: what each is called and takes; what it does is beside this package."""
