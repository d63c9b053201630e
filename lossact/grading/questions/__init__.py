"""One module an exercise; each lists its questions in `QUESTIONS`."""
