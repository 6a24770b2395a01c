import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type Content, html } from './html.ts';

interface DialogProps {
  readonly label: string;
  /** Called once the dialog was closed: by Escape, by a click beside it, or by a button. */
  readonly onClose: () => void;
  readonly children?: Content;
}

/**
 * A modal, open for as long as it is rendered. The browser keeps the focus inside, and gives it
 * back to where it was.
 */
export function Dialog({ label, onClose, children }: DialogProps): VNode {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = box.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  return html`<dialog
    ref=${box}
    aria-label=${label}
    onClose=${onClose}
    onClick=${(event: MouseEvent) => {
      if (event.target === box.current) onClose();
    }}
  >
    <div>${children}</div>
  </dialog>`;
}
