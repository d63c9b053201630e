"""Every sentence that a verdict is made of, in one place, so that it can be translated.

The sentences of a question (its hints, the names of misconceptions) stand with the question.
"""

RIGHT = "{function}: right. {points} of {total} points."
RIGHT_BY_CONVENTION = "{function}: right under another convention, and accepted. {points} of {total} points."
OTHER_CONVENTION = (
    "{function}: right under another convention, but not the one asked for. {points} of {total} points."
)
UNTOUCHED = (
    "{function}: not written yet. 0 of {total} points. Replace the line that raises NotImplementedError."
)
WRONG = "{function}: not right yet. {points} of {total} points."

GIVEN = "The call: {call}"
RETURNED = "Your function returned: {value}"
RAISED = "Your function raised: {error}"
STOPPED = "Your function {error}."
NO_ANSWER = "There is no answer: {error}"
UNUSABLE = "Your function returned {what}; a number, an array, or a tuple of these is wanted."
CHANGED = "Your function returned: {value}, and changed its input."
WARNED = "Your function returned: {value}, with a warning: {warning}"
MEASURED = "Of what your function returned: {value}"
NOT_MEASURABLE = "{what}, which cannot be judged ({error})"
YES, NO = "yes", "no"
EXPECTED = "Expected: {value}"
EXPECTED_ERROR = "Expected: a {type}"
EXPECTED_UNCHANGED = "Expected: {value}, with the input as it was"
EXPECTED_QUIET = "Expected: {value}, without a warning"

CHECK_PASSED = "passed: {title} ({points} of {total})"
CHECK_FAILED = "failed: {title} ({points} of {total})"
CHECK_UNDECIDED = "not judged, because the values are wrong: {title} ({points} of {total})"

NAMED = "What it looks like: {name}"
NAMED_CONVENTION = "The other convention: {name}"
SEVERAL = "(More than one fault gives these numbers; the probe in the last hint tells them apart.)"
NEXT_HINT = "Next hint: check({function!r}, {function}, hints={number})"
HINT = "Hint {number}: {hint}"
HINT_SUMMARY = "Hint {number}"
PROBE = "Run this and look:\n{probe}"
WITHOUT_NAME = "No known misunderstanding gives these numbers. Compare with what was expected."

ALSO_WITHOUT_NAME = (
    "There is another fault, and no known misunderstanding gives its numbers. Look at the failed checks."
)

PICTURE_ALT = (
    "Your function, a dashed line, over the reference, a solid line, along {axis}. "
    "Where they part, your function is wrong."
)
PICTURE_YOURS = "your function"
PICTURE_REFERENCE = "reference"

STUB = "{function} is yours to write"

MISSING = "the notebook defines no function {function}."
CELL_FAILED = "A cell before it failed with {error}"
AT_LINE = "(line {line}: {source})"
LARGE_ARRAY = "array of shape {shape}"

UNKNOWN_QUESTION = "there is no question {name!r}. Known questions: {known}."
NOT_A_FUNCTION = (
    "check({name!r}) needs your function: {given} was given. "
    "Run the cell that defines {name}, then check({name!r}, {name})."
)
REPORT_TITLE = "points"
REPORT_TOTAL = "{points} of {total} points"
NOTHING_TO_GRADE = (
    "{path} holds no question: its metadata names none, and no cell calls check(...). "
    "Was it made from an exercise of this course?"
)
UNREADABLE = "{path} cannot be read as a notebook: {error}"

NO_NURSERY = "the process that learners' code runs in does not start: {error}"
NOT_CONFINED = (
    "a learner's process could not be confined and was not started ({error}). "
    "Run with --isolation=basic to grade without the layers that are missing."
)
LAYERS_MISSING = (
    "learners' code would not be confined enough to be trusted here ({layers}). Install what is missing, or "
    "run with --isolation=basic to grade all the same, in a process of its own."
)
UNKNOWN_EXERCISE = "{path} names no question of this course. Was it made from one of its exercises?"
TOO_LARGE = "{path} is larger than {limit} MB. Clear its outputs and hand it in again."
LEADS_OUT = "{path} is a link that leads out of the folder of submissions. Hand in the notebook itself."
NO_NOTEBOOK = "{path} holds no notebook (*.ipynb)."
BAD_ZIP = "{path} cannot be opened as a zip file: {error}"
GRADEBOOK = "the grades in {path} cannot be read or written: {error}. What has been written is kept."
WORKER_DIED = "{path} could not be graded: the process that graded it has died ({error})."
SCHEDULER_LOST = (
    "the scheduler of the cluster is gone. What has been graded is kept; the same command goes on from there."
)
NO_CLUSTER = "--scheduler needs dask.distributed: pip install 'lossact[cluster]'"

FEEDBACK_TITLE = "Feedback for {learner}"
SUMMARY_TITLE = "Grades of the class"
SUMMARY_COUNTS = "{learners} learners, {notebooks} notebooks."
SUMMARY_LAYERS = "Learners' code ran behind: {layers}."
NO_LAYERS = "none"
SUMMARY_TIME = "Grading took {spent:.1f} s of the workers' time; the command ran for {seconds:.1f} s."
SUMMARY_QUESTIONS = "Questions"
SUMMARY_QUESTIONS_HEAD = ("exercise", "question", "mean", "of", "right", "untouched", "answers")
SUMMARY_MISCONCEPTIONS = "What is misunderstood"
SUMMARY_MISCONCEPTIONS_HEAD = ("how often", "number", "misunderstanding", "question")
SUMMARY_PROBLEMS = "Not graded"
SUMMARY_PROBLEMS_HEAD = ("learner", "submission", "why")
SUMMARY_LEARNERS = "Learners"
SUMMARY_LEARNERS_HEAD = ("learner", "points", "of", "exercises")

STATUS = {
    "right": "right",
    "other convention": "right under another convention",
    "untouched": "not written yet",
    "wrong": "not right yet",
}
NOT_ASKED = "no notebook here asks {question}. Name the notebook: lossact hint {question} NOTEBOOK"
HINTS_LEFT = "Steps left: {left}. Run the same command for the next."
NO_HINT_LEFT = "That was the last step. --again begins with the first."
NOT_REMEMBERED = "(which step is next cannot be remembered in {path}: {error})"
NO_NOTEBOOKS = "no notebook found in {places}."
REPORT_OVER_NOTEBOOK = "{path} is a notebook. Name another file for the report, so that no work is lost."
NOT_OURS = (
    "{path} holds files that are not grades. Name an empty or new folder with --out, so that nothing is lost."
)
OUT_INSIDE = "{out} lies inside {submissions}, where it would be taken for a submission. Name another --out."
STOPPED_EARLY = "Stopped. What has been graded is kept; the same command goes on from there."
GRADED = "Graded {graded}, unchanged {known}, of {total} notebooks."

# Faults that any answer can have: name, what can be seen, why it matters, a probe.
GENERAL = {
    "no value": (
        "Your function gives nothing back: it prints its result, or a return is missing.",
        "Every call comes back as None.",
        "Whoever calls a function needs the number, not the sight of it.",
        "result = ...  # call your function\nprint(type(result))",
    ),
    "times -1": (
        "Your answer has the wrong sign, and nothing else wrong.",
        "Each of your numbers is the expected one times -1.",
        "A gradient of the wrong sign climbs where it should descend.",
        "# which of the two is subtracted from which? Try one pair of numbers by hand.",
    ),
    "times 1/2": (
        "Your answer is half of the one asked for.",
        "Each of your numbers is the expected one divided by 2.",
        "A half belongs to some conventions. It must stand in the loss and in its gradient, or in neither.",
        "# put a single residual of 2 in, and compare with the formula on the page.",
    ),
    "times 2": (
        "Your answer is twice the one asked for.",
        "Each of your numbers is the expected one times 2.",
        "A factor of 2 doubles every step of a descent, as a doubled learning rate would.",
        "# put a single residual of 2 in, and compare with the formula on the page.",
    ),
    "times n": (
        "Your answer is too large by the number of elements: a sum where a mean is asked for.",
        "Each of your numbers is the expected one times the number of elements.",
        "A sum grows with the batch, and with it the best learning rate.",
        "# give the same batch twice over: does your result stay what it was?",
    ),
    "times 1/n": (
        "Your answer is too small by the number of elements: a mean is taken once too often.",
        "Each of your numbers is the expected one divided by the number of elements.",
        "A gradient that shrinks with the batch makes training stand still.",
        "# give the same batch twice over: does your result stay what it should?",
    ),
    "times N": (
        "Your answer is too large by the number of samples.",
        "Each of your numbers is the expected one times the length of the batch.",
        "What grows with the batch needs another learning rate for each batch size.",
        "# give the same batch twice over: does your result stay what it was?",
    ),
    "times 1/N": (
        "Your answer is too small by the number of samples: the mean over them is taken once too often.",
        "Each of your numbers is the expected one divided by the length of the batch.",
        "A gradient that shrinks with the batch makes training stand still.",
        "# give the same batch twice over: does your result stay what it should?",
    ),
    "times K": (
        "Your answer is too large by the number of columns: they were summed where a mean is asked for.",
        "Each of your numbers is the expected one times the number of columns.",
        "Then a loss grows with the classes, although the task has not become harder.",
        "# put in one row, and count by what you divide.",
    ),
    "times 1/K": (
        "Your answer is too small by the number of columns: a mean over them, or over all elements, was "
        "taken where only the samples count.",
        "Each of your numbers is the expected one divided by the number of columns.",
        "With a thousand classes every step would be a thousand times too short.",
        "# put in one row, and count by what you divide.",
    ),
    "times log 2": (
        "Your answer is in another unit: it was multiplied by log 2.",
        "Each of your numbers is the expected one times 0.693.",
        "Nats and bits differ by this factor. The natural logarithm gives nats.",
        "import numpy as np\nnp.log(2), np.log2(2)",
    ),
    "times 1/log 2": (
        "Your answer is in bits: log2 was taken in place of the natural logarithm.",
        "Each of your numbers is the expected one divided by 0.693.",
        "The derivative of log2 carries a factor 1 / log 2 that the formulas here do not have.",
        "import numpy as np\nnp.log(2), np.log2(2)",
    ),
    "times log 10": (
        "Your answer is in another unit: it was multiplied by log 10.",
        "Each of your numbers is the expected one times 2.303.",
        "Only the natural logarithm is meant where no base is said.",
        "import numpy as np\nnp.log(10), np.log10(10)",
    ),
    "times 1/log 10": (
        "Your answer comes from log10 in place of the natural logarithm.",
        "Each of your numbers is the expected one divided by 2.303.",
        "Only the natural logarithm is meant where no base is said.",
        "import numpy as np\nnp.log(10), np.log10(10)",
    ),
    "transposed": (
        "Your answer is transposed: rows and columns have changed places.",
        "Your array is the expected one, mirrored at its diagonal.",
        "A gradient has the shape of what it is the gradient of, entry by entry.",
        "# print the shape of your result and the shape of the argument it belongs to.",
    ),
    "only ordinary inputs": (
        "Your answer is right for ordinary inputs and fails for extreme ones.",
        "Brought to an ordinary size, the same inputs give the expected numbers.",
        "Training visits such inputs, and one inf or nan spreads to every weight.",
        "import numpy as np\nnp.exp(np.array([-1000.0, -40.0, 40.0, 1000.0]))",
    ),
    "input changed": (
        "Your function changes what it is given.",
        "After the call the arrays that were passed in are no longer the same.",
        "The caller still needs them: the backward pass reads them again.",
        "# x -= 1 writes into the caller's array; x = x - 1 makes one of its own.",
    ),
    "grows with the batch": (
        "Your answer depends on how often the batch is repeated, and it should not.",
        "The same samples given twice over lead to another number.",
        "A mean does not care how many there are; what does is no mean.",
        "# give the same batch twice over, and look at the ratio of the two results.",
    ),
}
