"""What status-sync knows and concludes: one file per aggregate."""
