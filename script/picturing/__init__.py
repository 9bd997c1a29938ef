"""The pictures of the clinic's pages: `script/make-screenshots --clinic`."""
