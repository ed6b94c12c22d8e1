// The page of the editor: what the form does without scripts, done in place, and help with writing.
import "./styles.js";
import { forget, keep, past } from "./past.js";
import { ask, takeOver, tell } from "./run.js";
import { addressOf, pack, unpack } from "./share.js";
import { Schema } from "./terms.js";
import { editorFor } from "./view.js";

const form = document.querySelector("form.editor[data-schema]");
const area = form?.querySelector("textarea");
if (area) begin();

function begin() {
  let schema = new Schema();
  const find = (name) => document.getElementById(name);
  const editor = editorFor(area, () => schema, run);
  let running = null;

  for (const node of document.querySelectorAll("[data-script]")) node.hidden = false;
  fetch(form.dataset.schema, { headers: { Accept: "application/json" } })
    .then((response) => (response.ok ? response.json() : {}))
    .then((data) => { schema = new Schema(data); }, () => {});

  /** What the form would send. */
  function fields() {
    area.value = editor.text();
    return [...new FormData(form)];
  }

  /** Fills the form with what was asked before. */
  function fill(asked) {
    editor.replace(asked.find(([name]) => name === "query")[1]);
    for (const old of form.querySelectorAll(".field, .chosen")) old.remove();
    for (const [name, value] of asked.filter(([name]) => name !== "query")) form.prepend(field(name, value));
    editor.clear();
  }

  async function run() {
    if (running || !form.reportValidity()) return;
    const asked = fields();
    running = new AbortController();
    const ended = clock();
    editor.clear();
    try {
      const { address, page } = await ask(asked, running.signal);
      takeOver(page);
      find("examples").open = false;
      history.pushState({}, "", address || await addressOf(asked));
      problem();
      keep(asked);
      list();
      find("told").textContent = document.querySelector("#result :is(.facts, .boolean, .problem)")?.textContent ?? "";
      reveal();
    } catch (error) {
      if (error.name === "AbortError") tell(`Cancelled after ${ended()} s. The server stops, too.`);
      else tell(error instanceof TypeError ? "The server can't be reached." : error.message, true);
    } finally {
      ended();
      running = null;
    }
  }

  /** Sends the form to another page, from which one comes back to what was written. */
  async function leave(path) {
    history.replaceState({}, "", `/sparql#q=${await pack(fields())}`);
    form.action = path;
    form.submit();
    form.action = "/sparql";
  }

  /** Shows the seconds that pass; gives what ends that, and says how many they were. */
  function clock() {
    const begun = performance.now();
    const seconds = () => ((performance.now() - begun) / 1000).toFixed(1);
    const tick = setInterval(() => { find("clock").textContent = `${seconds()} s`; }, 100);
    find("run").disabled = true;
    find("cancel").hidden = false;
    return () => {
      clearInterval(tick);
      find("clock").textContent = "";
      find("run").disabled = false;
      find("cancel").hidden = true;
      return seconds();
    };
  }

  /** Marks the place that a message is about. */
  function problem() {
    const said = document.querySelector("#result [data-line]");
    if (said) editor.mark(Number(said.dataset.line), Number(said.dataset.column), said.textContent.trim());
  }

  /** The queries of this browser, as a list to choose from. */
  function list() {
    const box = find("past");
    const items = past().map((asked) => {
      const text = asked.find(([name]) => name === "query")[1];
      const shown = text.split("\n").find((line) => line.trim() && !line.startsWith("#+ d") && !/^prefix\b/i.test(line)) ?? text;
      const button = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: shown.replace(/^#\+ title:\s*/, "").slice(0, 90), title: text.slice(0, 1000) });
      button.addEventListener("click", () => { fill(asked); editor.focus(); });
      const item = document.createElement("li");
      item.append(button);
      return item;
    });
    box.hidden = items.length === 0;
    box.querySelector("ul").replaceChildren(...items);
  }

  form.addEventListener("submit", (event) => {
    area.value = editor.text();
    event.preventDefault();
    const elsewhere = event.submitter?.getAttribute("formaction");
    if (elsewhere) leave(elsewhere);
    else run();
  });
  find("cancel").addEventListener("click", () => running?.abort());
  find("share").addEventListener("click", async () => {
    const address = new URL(await addressOf(fields()), location.href).href;
    try {
      await navigator.clipboard.writeText(address);
      say("The link is copied.");
    } catch {
      history.replaceState({}, "", address);
      say("The link is in the address bar.");
    }
  });
  find("forget").addEventListener("click", () => { forget(); list(); });
  find("sift").addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/);
    for (const item of document.querySelectorAll("#examples li")) {
      item.hidden = !words.every((word) => item.textContent.toLowerCase().includes(word));
    }
  });
  // The result of another address is another page's.
  addEventListener("popstate", () => location.reload());

  function say(text) {
    find("clock").textContent = text;
    find("told").textContent = text;
  }

  problem();
  list();
  if (location.hash.startsWith("#q=")) {
    unpack(location.hash.slice(3)).then((asked) => {
      if (asked) fill(asked);
      else say("The link holds no query that can be read.");
    });
  }
}

/** A field for the value of a variable, or for a graph that is named. */
function field(name, value) {
  const box = Object.assign(document.createElement("p"), { className: "field" });
  const input = Object.assign(document.createElement("input"), { name, value, spellcheck: false });
  const label = document.createElement("label");
  label.append(Object.assign(document.createElement("code"), { textContent: name.replace(/^\$/, "?") }), " ", input);
  box.append(label);
  return box;
}

/** Scrolls as little as shows where the result begins. */
function reveal() {
  const result = document.querySelector("#result");
  if (result && result.getBoundingClientRect().top > innerHeight - 120) result.scrollIntoView({ block: "start" });
}
