"""A human consents in a real browser: Chromium, against the loopback issuer.

usage: consent.py EXAMPLES_DIR WORK_DIR
"""

import contextlib, json, os, pathlib, shutil, signal, socket, subprocess, sys, tempfile
import urllib.error, urllib.parse, urllib.request
from concurrent import futures

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

examples, work = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
folder = work / "consent"
seed = folder / "refresh_token.json"
issuer = subprocess.Popen(
    [examples / "loopback_issuer", "--secrets-dir", folder], stdout=subprocess.PIPE, text=True
)
token_uri = issuer.stdout.readline().split()[0]


@contextlib.contextmanager
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    # Root has no sandbox; and nothing is looked up, updated or synchronised meanwhile.
    for flag in ["headless", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "no-first-run",
                 "disable-background-networking", "disable-component-update", "disable-sync"]:
        options.add_argument(f"--{flag}")
    options.add_argument(f"--user-data-dir={tempfile.mkdtemp(dir=work)}")
    # A phone's, held upright.
    options.add_argument("--window-size=360,640")
    # A page that waits for the issuer must not hold up this script.
    options.page_load_strategy = "none"
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        yield driver
    finally:
        driver.quit()


def run(example, *arguments):
    command = [examples / example, "--secrets-dir", folder, "--scope", "mail", *arguments]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)


class Reauth:
    def __init__(self, *arguments):
        command = [examples / "reauth", "--secrets-dir", folder, "--scope", "mail",
                   "--no-browser", *arguments]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True,
        )
        self.process.stdout.readline()
        self.url = self.process.stdout.readline().strip()
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.url).query)
        self.callback = query["redirect_uri"][0]

    def end(self):
        stdout, stderr = self.process.communicate(timeout=30)
        return self.process.returncode, stdout, stderr


def requests():
    with urllib.request.urlopen(token_uri.replace("/token", "/requests")) as answer:
        return int(answer.read())


def says(driver, text):
    """Waits for the page to say so: its heading and its text."""
    body = lambda driver: driver.find_element(By.TAG_NAME, "body").text
    wait = WebDriverWait(driver, 20, ignored_exceptions=[WebDriverException])
    wait.until(lambda driver: text in body(driver), f"no page says {text!r}")
    width = driver.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1], f"{text!r} is wider than a phone: {width}"
    return body(driver)


def decide(driver, decision):
    says(driver, "do this for you?")
    driver.find_element(By.CSS_SELECTOR, f"button[value={decision}]").click()


def open_and_read(driver, url):
    driver.get(url)
    # A heading, and a text below it.
    return says(driver, "\n")


def redirected(url):
    """Where a human who allows it is sent, without going there."""
    endpoint, query = url.split("?", 1)

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    opener = urllib.request.build_opener(Stay)
    try:
        opener.open(f"{endpoint}/decision", data=f"{query}&decision=allow".encode())
    except urllib.error.HTTPError as answer:
        return answer.headers["Location"]


def token():
    shown = run("access_token", "--json")
    assert shown.returncode == 0, shown.stderr
    return json.loads(shown.stdout)


try:
    with browser() as driver:
        # Allowed, from the address that a command would open: it leads to the issuer once.
        before = seed.read_text()
        reauth = Reauth()
        start = reauth.callback.replace("/callback", "/")
        driver.get(start)
        says(driver, "do this for you?")
        driver.switch_to.new_window("tab")
        driver.get(start)
        says(driver, "This page was opened already")
        driver.get(reauth.url)
        decide(driver, "allow")
        page = says(driver, "Consent is given")
        assert "Granted: mail." in page, page
        status, stdout, stderr = reauth.end()
        assert (status, stderr) == (0, ""), stderr
        assert stdout.splitlines()[-1] == f"granted: mail; saved in {seed}", stdout
        assert seed.read_text() != before and os.stat(seed).st_mode & 0o777 == 0o600
        assert token()["origin"] == "refreshed"

        # Denied.
        before = seed.read_text()
        reauth = Reauth()
        driver.get(reauth.url)
        decide(driver, "deny")
        page = says(driver, "Consent was not given")
        assert "consent was denied in the browser: run `reauth` again" in page, page
        status, _, stderr = reauth.end()
        assert status == 2 and "denied" in stderr and stderr.count("\n") == 1, stderr
        assert seed.read_text() == before

        # A wrong state is told, and the right one counts afterwards.
        reauth = Reauth()
        driver.get(f"{reauth.callback}?code=code-0&state={'A' * 43}")
        page = says(driver, "This is the answer to another request")
        assert "nothing was done" in page, page
        driver.get(reauth.url)
        decide(driver, "allow")
        says(driver, "Consent is given")
        assert reauth.end()[0] == 0

        # A code that comes twice, while it is being exchanged and afterwards: one exchange. In two
        # browsers, since one and the same asks for an address once at a time.
        reauth = Reauth()
        answer, asked = redirected(reauth.url), requests()
        with browser() as other, futures.ThreadPoolExecutor() as pool:
            driver.get("about:blank")
            WebDriverWait(driver, 20).until(lambda driver: driver.current_url == "about:blank")
            issuer.send_signal(signal.SIGSTOP)
            pages = [pool.submit(open_and_read, window, answer) for window in (driver, other)]
            done, pending = futures.wait(pages, 8, futures.FIRST_COMPLETED)
            issuer.send_signal(signal.SIGCONT)
            [loser, winner] = [page.result() for page in [*done, *pending]]
            assert "This was answered already" in loser, loser
            assert "Consent is given" in winner, winner
        assert reauth.end()[0] == 0 and requests() == asked + 1
        # The port is closed by now.
        driver.get(answer)
        says(driver, "ERR_CONNECTION_REFUSED")
        assert requests() == asked + 1
        assert token()["origin"] == "refreshed"

    # The window is closed without an answer.
    before = seed.read_text()
    reauth = Reauth("--timeout", "8")
    with browser() as driver:
        driver.get(reauth.url)
        says(driver, "do this for you?")
        assert reauth.process.poll() is None
    status, _, stderr = reauth.end()
    assert status == 2 and "nobody answered in the browser within 8 s" in stderr, stderr
    assert seed.read_text() == before

    # The port is taken.
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = run("reauth", "--no-browser", "--port", str(port))
        assert ended.returncode == 1 and ended.stdout == "", ended.stdout
        assert f"127.0.0.1:{port}" in ended.stderr and "name another port" in ended.stderr
finally:
    issuer.send_signal(signal.SIGCONT)
    issuer.kill()
print("consent in Chromium: allowed, denied, wrong state, code replayed, window closed, port taken")
