"""scratch"""
from ipvltest import *
from test_drift import start
def test_a(t):
    """scratch"""
    start(t)
    d=t.daemons[0]
    tr=subprocess.Popen(["strace","-r","-s","40","-o","/run/test/tr","-p",str(d.pid())],stderr=subprocess.DEVNULL)
    time.sleep(2)
    t.ip("link del ipvl0", "ns0")
    wait_until(lambda: t.rows("Drift"), "x")
    time.sleep(0.5)
    tr.terminate(); tr.wait()
    print(read_file("/run/test/tr"))
    print(t.rows("Drift"))
    for i in range(5):
        t.ip("link del ipvl0", "ns0")
        wait_until(lambda: len(t.rows("Drift"))==i+2, "x")
        print(t.rows("Drift")[-1]["took_ms"])
        time.sleep(2)
    assert 0
