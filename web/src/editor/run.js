// Runs what the form asks without leaving the page: the server makes the same page as without scripts,
// and its part with the result is taken over.
import { SHORT } from "./share.js";

/**
 * Asks for the page of a result.
 * @param {[string, string][]} fields
 * @returns {Promise<{address: string, page: Document}>} the address that has the result, empty if none
 */
export async function ask(fields, signal) {
  const parameters = new URLSearchParams(fields);
  const isShort = String(parameters).length <= SHORT;
  const response = await fetch(isShort ? `/sparql?${parameters}` : "/sparql", {
    method: isShort ? "GET" : "POST",
    body: isShort ? undefined : parameters,
    headers: { Accept: "text/html" },
    signal,
  });
  if (!response.headers.get("content-type")?.startsWith("text/html")) {
    throw new Error(`The server answered ${response.status} ${response.statusText}.`);
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return { address: isShort ? `/sparql?${parameters}` : "", page };
}

/** Takes the result of a page over into this one, and the style sheets that it needs. */
export function takeOver(page) {
  for (const link of page.querySelectorAll("link[rel=stylesheet]")) {
    const href = link.getAttribute("href");
    if (!document.querySelector(`link[href="${CSS.escape(href)}"]`)) document.head.append(document.importNode(link));
  }
  show(document.importNode(page.querySelector("#result") ?? page.querySelector(".problem") ?? page.querySelector("main"), true));
  document.title = page.title;
}

/** Puts something in the place of the result. */
export function show(node) {
  node.id = "result";
  const there = document.querySelector("#result");
  if (there) there.replaceWith(node);
  else document.querySelector(".asking").after(node);
}

/** A message in the place of the result. */
export function tell(text, isProblem = false) {
  const box = document.createElement("div");
  box.className = isProblem ? "problem" : "note";
  box.append(Object.assign(document.createElement("p"), { textContent: text }));
  show(box);
}
