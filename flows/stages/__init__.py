"""The arrows of the way of an item, one module each. Every stage can run alone, be repeated without harm, and be resumed after a kill."""
