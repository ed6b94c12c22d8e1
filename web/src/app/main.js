// What all pages have beside their HTML. Nothing here is needed: without it forms are sent as usual.
import { focusOnSlash } from "./shortcuts.js";
import { suggest } from "./suggest.js";

for (const input of document.querySelectorAll("input[data-suggest]")) suggest(input);
focusOnSlash(document);
