// The page of the editor: the form's textarea becomes an editor where scripts run.
import "./styles.js";
import { autocompletion } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, defaultHighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { lintGutter } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { sparql } from "codemirror-lang-sparql";

const area = document.querySelector("form.editor textarea");

if (area) {
  const view = new EditorView({
    state: EditorState.create({
      doc: area.value,
      extensions: [
        lineNumbers(),
        history(),
        bracketMatching(),
        sparql(),
        syntaxHighlighting(defaultHighlightStyle),
        autocompletion(),
        lintGutter(),
        keymap.of([...defaultKeymap, ...historyKeymap]),
      ],
    }),
  });
  area.before(view.dom);
  area.hidden = true;
  area.form.addEventListener("submit", () => { area.value = view.state.doc.toString(); });
}
