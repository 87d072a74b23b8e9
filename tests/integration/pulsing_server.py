"""Serves `pulsing_page.py`: python -m tests.integration.pulsing_server PORT kept|as-it-is."""

import sys
from pathlib import Path

import streamlit as st
import uvicorn
from streamlit import config

from streamlit_app import pulses

if __name__ == "__main__":
    _, port, parts = sys.argv
    config.set_option("browser.gatherUsageStats", False)
    if parts == "kept":
        pulses.keep_out_of_runs()
    page = st.App(Path(__file__).with_name("pulsing_page.py"))
    uvicorn.run(page, host="127.0.0.1", port=int(port), log_level="warning")
