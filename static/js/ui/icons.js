/** The drawn symbols, taken from the release's own sprite. */

const SVG = "http://www.w3.org/2000/svg";
const TEXT_SIZE = 16;

/**
 * One symbol, hidden from screen readers: the words beside it carry the meaning.
 *
 * `size` is in px at the default text size; the drawing grows with the reader's text.
 */
export function icon(name, size = null, className = "") {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", `icon ${className}`.trim());
  drawing.setAttribute("aria-hidden", "true");
  drawing.setAttribute("focusable", "false");
  if (size !== null) {
    drawing.style.width = `${size / TEXT_SIZE}rem`;
    drawing.style.height = `${size / TEXT_SIZE}rem`;
  }
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${document.documentElement.dataset.assets}/img/icons.svg#${name}`);
  drawing.append(use);
  return drawing;
}
