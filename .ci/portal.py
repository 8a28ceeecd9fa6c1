"""Crew open their page in a real browser, and answer when they are called: Chromium, at a phone's width
and at a desk's.

usage: portal.py EXAMPLES_DIR WORK_DIR [SCREENSHOTS_DIR]
"""

import base64, collections, contextlib, datetime, email, email.policy, json, os, pathlib, re, shutil
import signal, subprocess, sys, tempfile, urllib.error, urllib.parse, urllib.request

import axe_core_python
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

examples, work = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]) / "portal"
shots = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else work / "shots"
work.mkdir()
shots.mkdir(parents=True, exist_ok=True)
store = ["--db", work / "crew.db", "--secrets-dir", work / "secrets"]
axe = (pathlib.Path(axe_core_python.__file__).parent / "axe.min.js").read_text()
PHONE, DESK = (390, 844), (1280, 900)


def crew(*arguments):
    command = [examples / "crew", *arguments, *store]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def members():
    rows = [json.loads(line) for line in crew("list", "--json").splitlines()]
    return {row["role"]: row for row in rows}


def days_of(member):
    return json.loads(crew("show", member["crew_id"], "--json"))["availability"]


@contextlib.contextmanager
def browser(size=PHONE, dark=False, scripts=True, cookies=True):
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    # Root has no sandbox; and nothing is looked up, updated or synchronised meanwhile.
    for flag in ["headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage",
                 "no-first-run", "disable-background-networking", "disable-component-update",
                 "disable-sync", "hide-scrollbars"]:
        options.add_argument(f"--{flag}")
    options.add_argument(f"--user-data-dir={tempfile.mkdtemp(dir=work)}")
    if not cookies:
        blocked = {"profile.default_content_setting_values.cookies": 2}
        options.add_experimental_option("prefs", blocked)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        resize(driver, size)
        if dark:
            scheme = {"name": "prefers-color-scheme", "value": "dark"}
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        if not scripts:
            driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        yield driver
        complaints = [entry for entry in driver.get_log("browser") if "Content Security" in str(entry)]
        assert not complaints, complaints
    finally:
        driver.quit()


def resize(driver, size):
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 2 if width < 800 else 1,
               "mobile": width < 800}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def says(driver, text):
    """Waits for the page to say so."""
    body = lambda driver: driver.find_element(By.TAG_NAME, "body").text
    wait = WebDriverWait(driver, 20, ignored_exceptions=[WebDriverException])
    wait.until(lambda driver: text in body(driver), f"no page says {text!r}")
    return driver.find_element(By.TAG_NAME, "body").text


def press(driver, label):
    [button] = [it for it in driver.find_elements(By.TAG_NAME, "button") if it.text == label]
    button.click()


def choose(driver, day, state):
    Select(driver.find_element(By.NAME, day)).select_by_value(state)


def shoot(driver, name):
    """The whole page, as long as it is."""
    size = driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
    clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
    page = {"format": "png", "captureBeyondViewport": True, "clip": clip}
    image = driver.execute_cdp_cmd("Page.captureScreenshot", page)["data"]
    (shots / f"{name}.png").write_bytes(base64.b64decode(image))


# What can be pressed is as large as a thumb: 44 pixels high, and wide enough.
SMALL = """
const seen = [...document.querySelectorAll('a, button, select, summary, input:not([type=hidden])')]
  .map(it => [it.textContent.trim().slice(0, 20), it.getBoundingClientRect()])
  .filter(([_, box]) => box.width > 0);
return [seen.length, seen.filter(([_, box]) => box.height < 44 || box.width < 44).map(it => it[0])];
"""
looked_at = collections.Counter()


def look(driver, name):
    """A page as it should be: nothing that axe takes for a serious fault, nothing sideways."""
    driver.execute_script(axe)
    faults = driver.execute_async_script(
        "const done = arguments[0]; axe.run(document).then(found => done(found.violations))"
    )
    bad = [fault for fault in faults if fault["impact"] in ("serious", "critical")]
    told = [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in bad]
    assert not told, f"{name}: {told}"
    for fault in faults:
        print(f"note: {name}: axe finds {fault['id']} ({fault['impact']})")
    size = driver.execute_script("return [innerWidth, innerHeight]")
    for width in (size[0], 360, 320):
        resize(driver, (width, size[1]))
        wide = driver.execute_script(
            "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide[0] <= wide[1] <= width, f"{name} is wider than {width}: {wide}"
    resize(driver, size)
    count, small = driver.execute_script(SMALL)
    assert not small, f"{name}: {small} of {count} are too small to be pressed"
    looked_at[name.split("-")[0]] += 1
    shoot(driver, name)


def status(url, method="GET", **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, None, headers, method=method)) as it:
            return it.status, dict(it.headers), it.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, dict(refused.headers), refused.read().decode()


def scan(link, title="Open your crew page"):
    """What a mail scanner does: every kind of request but a press, scripts run, every href followed."""
    for method in ("GET", "HEAD", "OPTIONS"):
        status(link, method)
    for purpose in ("prefetch", "prefetch;prerender"):
        assert "Set-Cookie" not in status(link, **{"Sec-Purpose": purpose})[1]
    with browser() as driver:
        driver.get(link)
        says(driver, title)
        driver.execute_script("dispatchEvent(new Event('load')); document.body.click()")
        links = driver.execute_script("return [...document.links].map(link => link.href)")
        forms = driver.execute_script("return [...document.forms].map(form => form.action)")
        for href in links + forms:
            driver.get(href)
        # Forms as some try them: by GET, with all their fields.
        for action in forms:
            query = urllib.parse.urlsplit(link).query
            driver.get(f"{action}?{query}&answer=accept")


def tomorrow(days=1):
    return (datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days)).isoformat()


def month_of(page, day):
    return f"{page}/roster?month={day[:7]}"


crew("import", "examples/data/crew.csv")
people = members()
captain, mate, cook = people["captain"], people["mate"], people["cook"]
invited = [captain, captain, captain, mate, cook, cook]
log = open(work / "log", "w+")
portal = subprocess.Popen(
    [examples / "crew_portal", "--listen", "127.0.0.1:0", *store,
     *(word for member in invited for word in ("--invite", member["crew_id"]))],
    stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, "RUST_LOG": "trace"},
)
try:
    page = portal.stdout.readline().split()[0]
    links = [portal.stdout.readline().split()[0] for _ in invited]
    on_phone, at_desk, scanned, of_mate, of_cook, without_scripts = links

    # A phone: the link, the button, the page; a day is said; another device is refused.
    with browser() as phone, browser() as other:
        phone.get(on_phone)
        says(phone, "Open your crew page")
        look(phone, "door-phone")
        press(phone, "Open my page")
        says(phone, captain["name"])
        assert phone.current_url == f"{page}/roster", "the link is still in the address"
        look(phone, "roster-phone")
        day = tomorrow()
        phone.get(month_of(page, day))
        choose(phone, day, "afternoon")
        press(phone, "Save my days")
        says(phone, "Saved.")
        assert days_of(captain)[day] == "afternoon", days_of(captain)
        look(phone, "saved-phone")

        other.get(on_phone)
        press(other, "Open my page")
        says(other, "This link does not open anything")
        look(other, "refused-phone")
        other.get(f"{page}/roster")
        says(other, "Please open your link again")
        look(other, "closed-phone")
        # The same browser may press twice.
        phone.get(on_phone)
        press(phone, "Open my page")
        says(phone, "Your days")

        # Keys alone lead through the page, and show where they are.
        phone.switch_to.active_element.send_keys("\ue004")
        outline = phone.execute_script(
            "const it = getComputedStyle(document.activeElement); return [it.outlineStyle, it.outlineWidth]"
        )
        assert outline == ["solid", "3px"], outline

        press(phone, "Sign out")
        says(phone, "You are signed out")
        look(phone, "left-phone")
        phone.get(f"{page}/roster")
        says(phone, "Please open your link again")
        phone.get(page)
        says(phone, "The code of your link")
        look(phone, "code-phone")
        phone.get(f"{page}/no/such/page")
        says(phone, "There is no such page")

    # A scanner does not burn the link; a desk, in the dark as well.
    scan(scanned)
    with browser(DESK) as desk:
        desk.get(scanned)
        look(desk, "door-desk")
        press(desk, "Open my page")
        says(desk, captain["name"])
        look(desk, "roster-desk")
        desk.get(month_of(page, tomorrow(-40)))
        says(desk, "This month is over.")
        look(desk, "over-desk")
    with browser(PHONE, dark=True) as dark:
        dark.get(at_desk)
        look(dark, "door-dark")
        press(dark, "Open my page")
        says(dark, captain["name"])
        dark.get(month_of(page, tomorrow()))
        look(dark, "roster-dark")
        resize(dark, DESK)
        look(dark, "roster-darkdesk")
        pdf = dark.execute_cdp_cmd("Page.printToPDF", {})["data"]
        (shots / "roster.pdf").write_bytes(base64.b64decode(pdf))

    # Two windows of one member: the second sees what the first has saved, and nothing is lost.
    with browser() as first:
        first.get(of_mate)
        press(first, "Open my page")
        says(first, mate["name"])
        day = tomorrow(2)
        first.get(month_of(page, day))
        window = first.current_window_handle
        first.switch_to.new_window("tab")
        resize(first, PHONE)
        first.get(month_of(page, day))
        choose(first, day, "no")
        press(first, "Save my days")
        says(first, "Saved.")
        first.switch_to.window(window)
        choose(first, day, "yes")
        press(first, "Save my days")
        says(first, "Nothing was saved yet.")
        assert "Stored now: No" in says(first, "Stored now")
        assert days_of(mate)[day] == "no"
        look(first, "conflict-phone")
        press(first, "Save my days")
        says(first, "Saved.")
        assert days_of(mate)[day] == "yes"

    # Without cookies nothing opens, that is said, and the link is as it was.
    with browser(cookies=False) as bare:
        bare.get(without_scripts)
        press(bare, "Open my page")
        says(bare, "Your browser keeps no cookies")
        look(bare, "nocookies-phone")
        press(bare, "Try again")
        says(bare, "Your browser keeps no cookies")

    # Without scripts, as a role that sees nobody else.
    with browser(scripts=False) as plain:
        plain.get(without_scripts)
        press(plain, "Open my page")
        body = says(plain, cook["name"])
        assert captain["name"] not in body and "@example.com" not in plain.page_source, body
        day = tomorrow(3)
        plain.get(month_of(page, day))
        choose(plain, day, "maybe")
        press(plain, "Save my days")
        says(plain, "Saved.")
        assert days_of(cook)[day] == "maybe"
    with browser() as phone:
        phone.get(of_cook)
        press(phone, "Open my page")
        says(phone, cook["name"])
        look(phone, "own-phone")

    # It ends in order; and nothing that opens a page was logged.
    portal.send_signal(signal.SIGTERM)
    assert portal.wait(15) == 0, portal.returncode
    log.seek(0)
    logged = log.read()
    assert "consumed" in logged and "portal{method=POST" in logged, logged[:2000]
    for link in links:
        assert link.split("token=")[1] not in logged, "a link is in the log"
finally:
    portal.kill()

# Charters, of a crew that is made up: a list, one of them with its notes, and no money on either.
made_up = subprocess.Popen(
    [examples / "crew_portal", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
    stderr=subprocess.DEVNULL, text=True, env={**os.environ, "JADA_DB": ""},
)
try:
    page = made_up.stdout.readline().split()[0]
    link = made_up.stdout.readline().split()[0]

    def charters(driver, size):
        driver.get(link)
        press(driver, "Open my page")
        says(driver, "Your days")
        driver.find_element(By.LINK_TEXT, "Your charters").click()
        says(driver, "You sail on")
        found = []
        # A captain sees all charters, month by month; made up are those of five weeks.
        for month in sorted({tomorrow(days)[:7] for days in range(-5, 37)}):
            driver.get(f"{page}/events?month={month}")
            says(driver, "All charters in")
            shown = driver.page_source
            assert "450" not in shown and "40 EUR" not in shown, "there is money on the list"
            lines = driver.find_elements(By.CSS_SELECTOR, "#all .event")
            found += [line.get_attribute("href") for line in lines]
        assert len(found) == 14, found
        look(driver, f"events-{size}")
        return found

    def charter(driver, href):
        driver.get(href)
        shown = says(driver, "The trip")
        assert "Who sails" in shown and "450" not in shown and "40 EUR" not in shown, shown
        return shown

    with browser() as phone:
        # The notes of one in four speak of a balance, and one in five is called off.
        found = charters(phone, "phone")
        shown = [charter(phone, href) for href in found]
        [with_note, *_] = [href for href, text in zip(found, shown) if "[amount removed]" in text]
        charter(phone, with_note)
        look(phone, "event-phone")
        [off, *_] = [href for href, text in zip(found, shown) if "Called off." in text]
        charter(phone, off)
        look(phone, "off-phone")
    with browser(DESK) as desk:
        charters(desk, "desk")
        charter(desk, with_note)
        look(desk, "event-desk")
    with browser(PHONE, dark=True) as dark:
        charters(dark, "dark")
        charter(dark, with_note)
        look(dark, "event-dark")
finally:
    made_up.kill()
@contextlib.contextmanager
def made_up_portal():
    """A crew that is made up, of whom two captains are asked to sail: the page, and their links."""
    served = subprocess.Popen(
        [examples / "crew_portal", "--listen", "127.0.0.1:0", "--operations", "+15550100100"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "JADA_DB": ""},
    )
    try:
        lines = [served.stdout.readline() for _ in range(4)]
        yield lines[0].split()[0], [line.split()[0] for line in lines[2:] if " asks " in line]
    finally:
        served.kill()


def answer(driver, label, title):
    """Presses a button, and is told on a page without the link in its address."""
    press(driver, label)
    shown = says(driver, title)
    assert "token" not in driver.current_url and "/crew/answered" in driver.current_url, "the link"
    return shown


# Whoever is called answers: yes, yes once more, too late, and no; and there is no money anywhere.
with made_up_portal() as (page, (of_ada, of_bruno)):
    with browser() as ada, browser() as bruno:
        for driver, link in ((ada, of_ada), (bruno, of_bruno)):
            driver.get(link)
            shown = says(driver, "Can you sail on ")
            assert "[amount removed]" in shown and "450" not in shown, shown
        look(ada, "answer-phone")
        # However long the page is, the buttons are at its edge, where a thumb is.
        resize(ada, (390, 500))
        bar = ada.execute_script("return document.querySelector('.reply').getBoundingClientRect()")
        assert bar["height"] < 100 and bar["bottom"] <= 500, bar
        ada.save_screenshot(shots / "buttons-phone.png")
        resize(ada, PHONE)
        answer(ada, "Yes, I sail", "You sail on ")
        look(ada, "aboard-phone")
        # The page from before, and the link in the mail, once more.
        ada.back()
        says(ada, "You sail on ")
        ada.get(of_ada)
        assert "450" not in says(ada, "You sail on ")
        answer(bruno, "Yes, I sail", "The berth is filled")
        look(bruno, "taken-phone")
    with browser() as other:
        other.get(of_ada)
        says(other, "This link does not open anything")
        look(other, "unopened-phone")
        other.get(f"{page}/answered")
        says(other, "This page is closed")
with made_up_portal() as (page, (of_ada, of_bruno)):
    with browser(DESK) as desk:
        desk.get(of_ada)
        look(desk, "answer-desk")
        answer(desk, "No, I cannot", "You do not sail")
        look(desk, "declined-desk")
    with browser(PHONE, dark=True) as dark:
        dark.get(of_bruno)
        look(dark, "answer-dark")
        answer(dark, "Yes, I sail", "You sail on ")
        look(dark, "aboard-dark")
with made_up_portal() as (page, (of_ada, of_bruno)):
    with browser(scripts=False) as plain:
        plain.get(of_ada)
        answer(plain, "No, I cannot", "You do not sail")
    with browser() as phone:
        phone.get(of_bruno)
        answer(phone, "No, I cannot", "You do not sail")
        look(phone, "declined-phone")
    with browser(cookies=False) as bare:
        bare.get(of_bruno)
        says(bare, "This link does not open anything")

# The whole way, as an office goes it: a charter is confirmed, mails leave, links are pressed.
office = work / "office"
outbox, charters = office / "outbox", office / "charters.csv"
office.mkdir()
day = tomorrow(21)
charters.write_text(
    "charter_id,date,guest,total,currency,status,kind,brand,notes,hours,harbour,boat\n"
    f"C-1,{day},Ann Rivers,7654,USD,confirmed,charter,Example Sails,Pays $321 on board,09:00-12:00,,Isla\n"
    f"C-2,{day},Bo Field,7654,USD,confirmed,charter,Example Sails,,14:00-18:00,,Isla\n"
)
kept = ["--db", work / "crew.db"]
clocks = ["--time-zone", "America/New_York", "--quiet", "never"]


def run(example, *arguments):
    command = [examples / example, *arguments, *kept]
    return subprocess.run(command, capture_output=True, text=True, check=True,
                          env={**os.environ, "JADA_SECRETS_DIR": str(work / "secrets")}).stdout


def call(charter):
    """Calls the crew of a charter, and gives back what is in the outbox by then, by addressee."""
    run("call_to_crew", "--charter", charter, *clocks, "--answers", f"{page}/answer", "--outbox", outbox,
        "--from", "crew@example.com", "--operations", "operations@example.com")
    mails = [email.message_from_bytes(mail.read_bytes(), policy=email.policy.default)
             for mail in sorted((outbox / "eml").iterdir())]
    return [(mail["To"].addresses[0].addr_spec, str(mail["Subject"]),
             mail.get_body(["plain"]).get_content()) for mail in mails]


def link_in(mails, to, before=()):
    [text] = [text for whom, _, text in mails if whom == to and "token=" in text and text not in before]
    return re.search(r"http://\S+token=\w+", text).group()


run("monthly_statement", "--charters", charters, "--month", day[:7], "--out", office / "statement")
log = open(office / "log", "w+")
served = subprocess.Popen(
    [examples / "crew_portal", "--listen", "127.0.0.1:0", *store, *clocks],
    stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, "RUST_LOG": "jada_roster=trace"},
)
try:
    page = served.stdout.readline().split()[0]
    asked = call("C-1")
    of_ada, of_bruno = (link_in(asked, f"{name}@example.com") for name in ("ada.marsh", "bruno.keel"))
    scan(of_ada, "Can you sail on ")
    with browser() as ada, browser() as bruno:
        bruno.get(of_bruno)
        answer(bruno, "No, I cannot", "You do not sail")
        ada.get(of_ada)
        shown = says(ada, "Can you sail on ")
        assert "321" not in shown and "7654" not in shown, shown
        look(ada, "mailed-phone")
        answer(ada, "Yes, I sail", "You sail on ")
        told = [subject for to, subject, _ in call("C-1") if to == "ada.marsh@example.com"]
        assert any("You sail on" in subject for subject in told), told
        # One who was asked about another charter, which is called off before they answer.
        second = call("C-2")
        of_second = link_in(second, "bruno.keel@example.com", [text for *_, text in asked])
        bruno.get(of_second)
        says(bruno, "Can you sail on ")
        run("charter", "status", "C-2", "cancelled")
        answer(bruno, "Yes, I sail", "The charter is called off")
        look(bruno, "calledoff-phone")
    served.send_signal(signal.SIGTERM)
    assert served.wait(15) == 0, served.returncode
    log.seek(0)
    logged = log.read()
    assert "portal{method=POST path=\"/crew/answer\"" in logged, logged[:2000]
    for link in (of_ada, of_bruno, of_second):
        assert link.split("token=")[1] not in logged, "a link is in the log"
    assert not re.search(r"\$321|\b7654(00|\.00)?\b", logged), "money is in the log"
finally:
    served.kill()
total = sum(looked_at.values())
print(f"the crew's page in Chromium: {total} looks at {len(looked_at)} pages, screenshots in {shots}")
