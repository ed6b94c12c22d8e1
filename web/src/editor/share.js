// Links to queries: in the parameters of a URL, or compressed in its fragment if they are long.

/** Bytes of parameters that servers and proxies take everywhere; the server's page has the same. */
export const SHORT = 6000;
/** Characters that a query in a fragment may have. */
const LONGEST = 1_000_000;

/** The address of a query, from where the server is: [[name, value], …], as a form sends them. */
export async function addressOf(fields) {
  const asked = String(new URLSearchParams(fields));
  return asked.length <= SHORT ? `/sparql?${asked}` : `/sparql#q=${await pack(fields)}`;
}

/** Fields as the text of a fragment. */
export async function pack(fields) {
  const stream = new Blob([JSON.stringify(fields)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The fields in the text of a fragment; null if it holds none, whatever else it may hold. */
export async function unpack(text) {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const reader = new Blob([bytes]).stream()
      .pipeThrough(new DecompressionStream("deflate-raw"))
      .pipeThrough(new TextDecoderStream("utf-8", { fatal: true })).getReader();
    let json = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      json += part.value;
      if (json.length > LONGEST) { await reader.cancel(); return null; }
    }
    const fields = JSON.parse(json);
    const fits = Array.isArray(fields) && fields.every((f) => Array.isArray(f) && f.length === 2 && f.every((v) => typeof v === "string"));
    return fits && fields.some(([name]) => name === "query") ? fields : null;
  } catch {
    return null;
  }
}
