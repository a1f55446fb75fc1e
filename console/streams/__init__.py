"""Live panels, one file each; `registry` lists them."""
