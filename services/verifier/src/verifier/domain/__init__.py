"""What the verifier knows and concludes: pure functions of what was said.

`found` is what GitHub answered, `resolution` what that means for a request;
`verification` is one deployment, `environment` the places in one environment, and
`verdict` decides about both at once.
"""
