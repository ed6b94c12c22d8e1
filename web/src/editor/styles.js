// CodeMirror puts a <style> element into the page, which the page's policy (style-src 'self') keeps
// from working. A style sheet that a script constructs is none of the page's markup, so it may.
import { StyleModule } from "style-mod";

const sheet = new CSSStyleSheet();
const mounted = new Set();

StyleModule.mount = (root, modules) => {
  for (const module of [modules].flat()) mounted.add(module);
  // The first has the last word among equals, as where CodeMirror mounts them itself.
  sheet.replaceSync([...mounted].map((module) => module.getRules()).join("\n"));
  if (!root.adoptedStyleSheets.includes(sheet)) {
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  }
};
