// The editor in the place of the form's textarea.
import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { LanguageSupport, bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { classHighlighter, styleTags, tags } from "@lezer/highlight";
import { SparqlLanguage } from "codemirror-lang-sparql";
import { fromSchema, fromSearch, hints } from "./complete.js";

/** The language, with names highlighted as well. */
const sparql = new LanguageSupport(SparqlLanguage.configure({
  props: [styleTags({ "Pname_ln Pname_ns": tags.propertyName, A_predicate: tags.keyword, Langtag: tags.string })],
}));
const dark = matchMedia("(prefers-color-scheme: dark)");

/**
 * Puts an editor before a textarea and hides that, which keeps the text for the form.
 * @param {() => import("./terms.js").Schema} schemaOf
 * @param {() => void} run what Ctrl+Enter does
 */
export function editorFor(area, schemaOf, run) {
  const theme = new Compartment();
  const label = area.labels[0]?.textContent.trim() || "Query";
  const view = new EditorView({
    state: EditorState.create({
      doc: area.value,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        bracketMatching(),
        sparql,
        syntaxHighlighting(classHighlighter),
        autocompletion({ override: [fromSchema(schemaOf), fromSearch(schemaOf)] }),
        hints(schemaOf),
        lintGutter(),
        theme.of(EditorView.darkTheme.of(dark.matches)),
        EditorView.lineWrapping,
        // Tab leads on, as in a form: the editor is no trap for the keyboard.
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
        keymap.of([
          { key: "Mod-Enter", run: () => { run(); return true; }, preventDefault: true },
          ...completionKeymap, ...defaultKeymap, ...historyKeymap,
        ]),
      ],
    }),
  });
  dark.addEventListener("change", () => view.dispatch({ effects: theme.reconfigure(EditorView.darkTheme.of(dark.matches)) }));
  area.before(view.dom);
  area.hidden = true;
  // A hidden field that must be filled would keep the form from being sent without a word.
  area.required = false;
  area.labels[0]?.addEventListener("click", () => view.focus());
  return {
    focus: () => view.focus(),
    text: () => view.state.doc.toString(),
    replace: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    mark: (line, column, message) => markAt(view, line, column, message),
    clear: () => view.dispatch(setDiagnostics(view.state, [])),
  };
}

/** Marks the word at a line and a column, which counts characters as the server does. */
function markAt(view, line, column, message) {
  const { doc } = view.state;
  if (!(line >= 1 && line <= doc.lines)) return;
  const row = doc.line(line);
  const before = [...row.text].slice(0, Math.max(0, column - 1)).join("").length;
  const from = Math.min(row.from + before, row.to);
  const word = /^[^\s{}()[\];,]+|^\S/u.exec(doc.sliceString(from, row.to));
  const to = from + (word ? word[0].length : 0);
  view.dispatch(setDiagnostics(view.state, [{ from, to, severity: "error", message }]));
  view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
}
