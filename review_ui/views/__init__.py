"""Models of the pages: what HTML and JSON both show, already blind, masked and defanged. Templates decide nothing."""
