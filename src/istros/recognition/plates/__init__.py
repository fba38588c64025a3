"""Reading number plates: find text, rectify it, read it, weigh it by the countries' formats."""
