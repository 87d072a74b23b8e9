"""Serves `pulsing_page.py`: python -m tests.integration.pulsing_server --port PORT, with the app's options.

With SEMAFORO_PULSES=as-it-is parts are not kept out of runs.
"""

import os
import sys
from pathlib import Path

import streamlit as st
import uvicorn
from streamlit import config

from streamlit_app import pulses

if __name__ == "__main__":
    port = int(sys.argv[sys.argv.index("--port") + 1])
    config.set_option("browser.gatherUsageStats", False)
    if os.environ.get("SEMAFORO_PULSES") != "as-it-is":
        pulses.keep_out_of_runs()
    page = st.App(Path(__file__).with_name("pulsing_page.py"))
    uvicorn.run(page, host="127.0.0.1", port=port, log_level="warning")
