"""Who was treated where and when. Corrections are versions; the first entry is never lost."""
