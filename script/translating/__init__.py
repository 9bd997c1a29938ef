"""What a translator needs: the sentences to translate, and what is still missing or wrong."""
