const WRITING = "input, textarea, select, [contenteditable]:not([contenteditable='false'])";

/**
 * Let `/` lead to the search box, except where one writes.
 * @param {Document} page
 */
export function focusOnSlash(page) {
  page.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.defaultPrevented || event.target.closest?.(WRITING)) return;
    const box = page.querySelector("input[type='search']");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
}
