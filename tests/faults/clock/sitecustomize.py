"""Read by Python when it starts with this folder on its path: puts the process's wall clock off by BATON_FAULT_CLOCK seconds."""

import os
import time

import time_machine

if seconds := float(os.environ.get("BATON_FAULT_CLOCK", "0")):
    time_machine.travel(time.time() + seconds, tick=True).start()
