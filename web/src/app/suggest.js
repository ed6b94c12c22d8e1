// Suggestions below the search box: the editable combobox with a list of
// https://www.w3.org/WAI/ARIA/apg/patterns/combobox/, where nothing is chosen until one does so.

/** Milliseconds without a key after which the server is asked. */
const PAUSE = 130;
/** Characters from which on it is asked. */
const LEAST = 2;
/** Answers that are kept. */
const KEPT = 50;

/** @typedef {{label: string, about: string, path: string}} Suggestion */

/**
 * Suggest things while a name is written.
 * @param {HTMLInputElement} input with `data-suggest`, the path that gives suggestions
 */
export function suggest(input) {
  const list = make("ul", { role: "listbox", id: `${input.id}-list`, class: "suggestions" });
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  const told = make("div", { role: "status", class: "unseen" });
  input.after(list, told);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-controls": list.id,
    "aria-expanded": "false",
  })) input.setAttribute(name, value);

  /** @type {Suggestion[]} */
  let shown = [];
  let active = -1;
  let timer = 0;
  /** @type {AbortController | undefined} */
  let asking;
  /** @type {Map<string, Suggestion[]>} */
  const kept = new Map();

  function stop() {
    clearTimeout(timer);
    asking?.abort();
  }

  function close() {
    stop();
    shown = [];
    list.hidden = true;
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    mark(-1);
  }

  /** @param {number} place the suggestion that Enter would open, -1 for none */
  function mark(place) {
    active = place;
    [...list.children].forEach((option, one) => option.setAttribute("aria-selected", String(one === place)));
    const option = list.children[place];
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }

  /** @param {Suggestion[]} found */
  function show(found) {
    shown = found;
    list.replaceChildren(
      ...found.map(({ label, about }, place) => {
        const option = make("li", { role: "option", id: `${list.id}-${place}` });
        option.append(make("span", { dir: "auto" }, label), make("span", { class: "note", dir: "auto" }, about));
        return option;
      }),
    );
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!!found.length));
    mark(-1);
    const number = found.length === 1 ? "1 suggestion" : `${found.length} suggestions`;
    told.textContent = found.length ? `${number}, use the arrow keys.` : "No suggestion.";
  }

  /** @param {string} text */
  async function ask(text) {
    const known = kept.get(text);
    if (known) return show(known);
    asking = new AbortController();
    const { signal } = asking;
    try {
      const answer = await fetch(`${input.dataset.suggest}?${new URLSearchParams({ q: text })}`, { signal });
      if (!answer.ok) return close();
      const found = read(await answer.json());
      if (signal.aborted) return;
      if (kept.size >= KEPT) kept.clear();
      kept.set(text, found);
      show(found);
    } catch {
      if (!signal.aborted) close(); // the server is away; the form tells of it when it is sent
    }
  }

  function begin() {
    const text = input.value.trim();
    if (text.length < LEAST) return close();
    stop();
    timer = setTimeout(() => ask(text), PAUSE);
  }

  /** @param {number} place */
  function open(place) {
    const { path } = shown[place];
    close();
    location.assign(path);
  }

  input.addEventListener("input", begin);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const last = shown.length - 1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const down = event.key === "ArrowDown";
      event.preventDefault();
      if (!shown.length) return begin();
      if (!event.altKey) mark(down ? (active < last ? active + 1 : -1) : active < 0 ? last : active - 1);
    } else if (event.key === "Enter") {
      if (active >= 0) {
        event.preventDefault();
        open(active);
      } else close(); // the form is sent
    } else if (event.key === "Escape" && shown.length) {
      event.preventDefault(); // a second one empties the box
      close();
    } else if (event.key === "Tab") close();
  });
  // The box keeps the focus, so that what is pressed is not gone before it is released.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const place = [...list.children].indexOf(event.target.closest("li"));
    if (place >= 0) open(place);
  });
  window.addEventListener("pagehide", close);
}

/**
 * Read suggestions as browsers get them, https://github.com/dewitt/opensearch
 * @param {[string, string[], string[], string[]]} answer text, labels, descriptions, addresses
 * @returns {Suggestion[]}
 */
function read([, labels, abouts, addresses]) {
  return labels.map((label, place) => {
    // Whatever host the server thinks it has, its pages are where this one is.
    const { pathname, search, hash } = new URL(addresses[place], location.href);
    return { label, about: abouts[place], path: pathname + search + hash };
  });
}

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {string} text
 */
function make(tag, attributes, text = "") {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}
