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

FEEDBACK_TITLE = "Feedback for {learner}"
SUMMARY_TITLE = "Grades of the class"
SUMMARY_COUNTS = "{learners} learners, {notebooks} notebooks."
SUMMARY_LAYERS = "Learners' code ran behind: {layers}."
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
NOT_OURS = (
    "{path} holds files that are not grades. Name an empty or new folder with --out, so that nothing is lost."
)
OUT_INSIDE = "{out} lies inside {submissions}, where it would be taken for a submission. Name another --out."
STOPPED_EARLY = "Stopped. What has been graded is kept; the same command goes on from there."
GRADED = "Graded {graded}, unchanged {known}, of {total} notebooks."
