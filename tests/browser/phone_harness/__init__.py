"""A page that opens the phone's modules, a fake clinic that answers it, and a browser for both."""
