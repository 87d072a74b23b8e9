"""The REST API beside the pages: the same door to the stage (`readers/stage.py`), read only, below `/api/v1`."""
