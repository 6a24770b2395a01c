/*
 * Runs in the page. Returns what is wider than the place that it has: a text that leaves a box
 * around it, and an element that leaves the window. What scrolls within its own box does neither.
 */
(() => {
  const ROUNDING = 1;
  const LISTED_MAX = 10;
  const TEXT_LENGTH_MAX = 40;
  const width = document.documentElement.clientWidth;
  const scrolls = new Set(['auto', 'scroll']);
  const found = new Map();

  /** An element that only assistive technology or a focus shows, or that is a picture. */
  const isApart = (element) => element.closest('.sr, .skip, thead, svg, canvas, option') !== null;

  const nameOf = (element) => {
    const [first] = element.classList;
    const name = element.localName + (element.id ? `#${element.id}` : first ? `.${first}` : '');
    const parent = element.parentElement;
    const within = parent && parent !== document.body ? nameOfOne(parent) : '';
    return within ? `${within} > ${name}` : name;
  };
  const nameOfOne = ({ localName, classList }) =>
    classList.length > 0 ? `${localName}.${classList[0]}` : localName;

  const report = (element, by, beyond) => {
    const text = (element.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, TEXT_LENGTH_MAX);
    const line = `${nameOf(element)} "${text}" leaves ${beyond} by ${Math.ceil(by)} px`;
    if (found.size < LISTED_MAX) found.set(line, true);
  };

  /** Walks outwards from a box to whatever scrolls it, or to the window. */
  const check = (element, box, first) => {
    for (let around = first; around !== null; around = around.parentElement) {
      const style = getComputedStyle(around);
      if (around !== element && scrolls.has(style.overflowX)) return;
      if (around === document.documentElement || around === document.body) break;
      if (style.display.startsWith('inline') && style.display !== 'inline-block') continue;
      if (style.display === 'contents') continue;
      const edge = around.getBoundingClientRect();
      const by = Math.max(box.right - edge.right, edge.left - box.left);
      if (by > ROUNDING) return report(element, by, nameOf(around));
      if (style.position === 'fixed') break;
    }
    const by = Math.max(box.right - width, -box.left);
    if (by > ROUNDING) report(element, by, 'the window');
  };

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === '' || isApart(element)) continue;
    for (const { index, 0: word } of node.data.matchAll(/\S+/g)) {
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      for (const box of range.getClientRects()) if (box.width > 0) check(element, box, element);
    }
  }
  for (const element of document.body.querySelectorAll('*')) {
    if (isApart(element)) continue;
    const box = element.getBoundingClientRect();
    // A dialog stands beside the box that it was opened from.
    const isOut = ['fixed', 'absolute'].includes(getComputedStyle(element).position);
    const around = isOut ? null : element.parentElement;
    if (box.width > 0 && box.height > 0) check(element, box, around);
  }
  return [...found.keys()];
})();
