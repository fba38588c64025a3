"""Frame to observation: motion, detector, tracker, plate reader; the models and their cards."""
