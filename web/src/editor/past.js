// The queries that were run in this browser; they stay there.

const KEY = "tzgraph.queries";
const MOST = 30;
const LONGEST = 20_000;

/** The queries, the newest first: [[[name, value], …], …]; none if the browser keeps nothing. */
export function past() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((fields) => Array.isArray(fields) && fields.some((f) => f?.[0] === "query" && typeof f[1] === "string")) : [];
  } catch {
    return [];
  }
}

/** Keeps a query as the newest. */
export function keep(fields) {
  const written = JSON.stringify(fields);
  if (written.length > LONGEST) return;
  const others = past().filter((one) => JSON.stringify(one) !== written);
  try {
    localStorage.setItem(KEY, JSON.stringify([fields, ...others].slice(0, MOST)));
  } catch {
    // The browser keeps nothing, or no more.
  }
}

/** Forgets them all. */
export function forget() {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // There was nothing.
  }
}
