"""A headless Chromium, by its DevTools protocol, with nothing but Python's library."""
import base64
import json
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import urllib.request

PROGRAM = shutil.which("chromium")
OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
           "--disable-background-networking", "--disable-component-update", "--disable-sync",
           "--remote-debugging-port=0", "--remote-allow-origins=*", "--hide-scrollbars", "about:blank"]


class WebSocket:
    """RFC 6455, as a client, of whole text messages."""

    def __init__(self, url, timeout):
        host, path = url.removeprefix("ws://").split("/", 1)
        name, port = host.split(":")
        self.socket = socket.create_connection((name, int(port)), timeout)
        self.file = self.socket.makefile("rb")
        self.socket.sendall(f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
                            "Sec-WebSocket-Version: 13\r\n\r\n".encode())
        status = self.file.readline()
        if b" 101 " not in status:
            raise OSError(status)
        while self.file.readline() != b"\r\n":
            pass

    def send(self, text):
        data, mask = text.encode(), os.urandom(4)
        n = len(data)
        head = bytes([0x81]) + (bytes([0x80 | n]) if n < 126 else struct.pack(">BH", 0x80 | 126, n) if n < 65536
                                else struct.pack(">BQ", 0x80 | 127, n))
        self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def receive(self):
        text = b""
        while True:
            first, second = self.file.read(2)
            n = second & 0x7f
            if n >= 126:
                n = struct.unpack(">H", self.file.read(2))[0] if n == 126 else struct.unpack(">Q", self.file.read(8))[0]
            data = self.file.read(n)
            if first & 0x0f in (0, 1):
                text += data
                if first & 0x80:
                    return text.decode()

    def close(self):
        self.file.close()
        self.socket.close()


class Browser:
    def __init__(self, patience_s):
        self.patience_s = patience_s
        self.folder = tempfile.mkdtemp(prefix="ipvl-chromium-")
        self.process = subprocess.Popen([PROGRAM, f"--user-data-dir={self.folder}", *OPTIONS],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.port = self.until(self.read_port, "DevTools")
        targets = self.until(lambda: [t for t in self.ask("json") if t["type"] == "page"], "a page")
        self.socket = WebSocket(targets[0]["webSocketDebuggerUrl"], patience_s)
        self.number, self.events = 0, []
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(domain + ".enable")

    def until(self, get, what):
        end = time.monotonic() + self.patience_s
        while time.monotonic() < end:
            found = get()
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError(f"never: {what}")

    def read_port(self):
        try:
            with open(os.path.join(self.folder, "DevToolsActivePort"), encoding="ascii") as f:
                return f.readline().strip()
        except OSError:
            return None

    def ask(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=self.patience_s) as r:
            return json.load(r)

    def call(self, method, **params):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.receive())
            if message.get("id") == self.number:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def run(self, script):
        """The value of an expression in the page; a promise is waited for."""
        r = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in r:
            raise AssertionError(r["exceptionDetails"])
        return r["result"].get("value")

    def open(self, url):
        self.events.clear()
        self.call("Page.navigate", url=url)

    def wait_for(self, script):
        return self.until(lambda: self.run(script), script)

    def size(self, width, height, scheme="light", phone=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme},
                                                          {"name": "prefers-reduced-motion", "value": "reduce"}])

    def screenshot(self, path):
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        with open(path, "wb") as f:
            f.write(base64.b64decode(data))

    def urls(self):
        """Of all that was loaded since open()."""
        return [e["params"]["request"]["url"] for e in self.events if e["method"] == "Network.requestWillBeSent"]

    def complaints(self):
        """Errors and warnings of its console."""
        return [e["params"] for e in self.events if e["method"] in ("Log.entryAdded", "Runtime.exceptionThrown")]

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait(self.patience_s)
        shutil.rmtree(self.folder, ignore_errors=True)
