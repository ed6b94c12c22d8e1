// YASR shows what the server at ?url= answers, as YASGUI hands it over; the report is in #report.

const url = new URLSearchParams(location.search).get("url");
const report = document.getElementById("report");
const yasr = new (window.Yasr.default ?? window.Yasr)(document.getElementById("yasr"), {
  persistenceId: null,
});
const cases = [
  ["select", "SELECT ?s ?o { ?s ?p ?o } ORDER BY ?s ?o", "application/sparql-results+json", "http://example.org/"],
  ["select in XML", "SELECT ?s ?o { ?s ?p ?o }", "application/sparql-results+xml", "http://example.org/"],
  ["select in CSV", "SELECT ?s ?o { ?s ?p ?o }", "text/csv", "http://example.org/"],
  ["ask", "ASK { ?s ?p ?o }", "application/sparql-results+json", "True"],
  ["construct", "CONSTRUCT WHERE { ?s ?p ?o }", "text/turtle", "http://example.org/"],
  ["describe", "DESCRIBE <http://example.org/it>", "text/turtle", "http://example.org/"],
  ["error", "SELECT nonsense", "application/sparql-results+json", "can't stand here"],
];

async function main() {
  for (const [name, query, accept, expected] of cases) {
    let outcome = "ok";
    try {
      const begun = Date.now();
      const response = await fetch(`${url}/sparql?query=${encodeURIComponent(query)}`, { headers: { Accept: accept } });
      const answer = {
        data: await response.text(),
        status: response.status,
        contentType: response.headers.get("content-type"),
        executionTime: Date.now() - begun,
      };
      if (!response.ok) answer.error = { status: response.status, statusText: response.statusText, text: answer.data };
      yasr.setResponse(answer, Date.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, 500));
      const shown = document.getElementById("yasr").innerText + editors();
      if (!shown.includes(expected)) outcome = `failed: ${shown.slice(0, 300)}`;
    } catch (error) {
      outcome = `failed: ${error}`;
    }
    report.textContent += `${outcome.startsWith("ok") ? "ok" : "failed"} ${name}${outcome.slice(outcome.startsWith("ok") ? 2 : 6)}\n`;
  }
  report.textContent += "end\n";
}

/** The texts of the code editors, of which only visible lines are in the document. */
function editors() {
  return [...document.querySelectorAll(".CodeMirror")].map((element) => element.CodeMirror.getValue()).join("\n");
}

main();
