"""What each exercise's tests need beside the exercise: one module each, named as its questions are.

FORMULAS : question name -> sources of right answers as a textbook or a careful learner writes them. The
    references themselves are not mutated: they also take options that no question asks for, and are written
    for speed and for the last bit.
PLANNED : the misconceptions of the course's catalogue that the exercise names.
FINGERPRINTS : (question, misconception, arguments, what it gives), as known before this code was written; of
    an answer that returns several values, the first; of an array that runs over steps, the last number, if
    one number is stated.
"""

import importlib
import pkgutil

DATA = {
    each.name: importlib.import_module(f"{__name__}.{each.name}") for each in pkgutil.iter_modules(__path__)
}
