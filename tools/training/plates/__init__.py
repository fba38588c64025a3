"""State number plates: a renderer of the countries' formats, and the trainings of the detector and the recogniser."""
