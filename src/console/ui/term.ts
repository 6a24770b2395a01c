import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Content, html } from './html.ts';
import { say } from './say.ts';
import { WORDS, type Word } from './words.ts';

interface TermProps {
  readonly word: Word;
  readonly children?: Content;
}

/**
 * A word with its explanation: a button, so it works by mouse, touch and keyboard and in a screen
 * reader. Escape closes the explanation.
 */
export function Term({ word, children }: TermProps): VNode {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const box = popover.current;
    if (!isOpen || !box || !button.current) return;
    const close = () => setOpen(false);
    box.showPopover();
    placeBeside(box, button.current);
    say(`${word}: ${WORDS[word]}`);
    document.addEventListener('scroll', close, { passive: true });
    return () => document.removeEventListener('scroll', close);
  }, [isOpen, word]);
  return html`<dfn
    ><button
      type="button"
      class="term"
      ref=${button}
      aria-expanded=${String(isOpen)}
      onClick=${() => setOpen(!isOpen)}
      >${children ?? word}</button
    >${
      isOpen &&
      html`<span
        ref=${popover}
        class="definition"
        popover="auto"
        role="note"
        onToggle=${(event: ToggleEvent) => {
          if (event.newState === 'closed') setOpen(false);
        }}
        ><b>${word}</b> ${WORDS[word]}</span
      >`
    }</dfn
  >`;
}

const GAP = 6;
const MARGIN = 12;

/** Below the word if there is room, and else above it, never beyond the edge of the window. */
function placeBeside(box: HTMLElement, word: HTMLElement): void {
  const at = word.getBoundingClientRect();
  const left = Math.min(Math.max(MARGIN, at.left), innerWidth - box.offsetWidth - MARGIN);
  const isRoomBelow = at.bottom + GAP + box.offsetHeight < innerHeight;
  const above = Math.max(MARGIN, at.top - box.offsetHeight - GAP);
  box.style.left = `${left}px`;
  box.style.top = `${isRoomBelow ? at.bottom + GAP : above}px`;
}
