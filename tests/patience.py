"""How long tests wait for what must come. Minutes: a test depends on no machine's speed, and only a fault
waits so long. IPVL_SLOW multiplies it: run-tests sets it from scripts/slowness, the runner of kernel tests
for QEMU and valgrind. tests/unit/patience.h is the same for C."""
import os

PATIENCE_S = 120 * float(os.environ.get("IPVL_SLOW", "1"))
