import { isWithin, type UnixMilliseconds } from '../../clock.ts';
import { visibleLine } from '../visible.ts';
import { cutText } from './text-width.ts';

/** Work that ends sooner shows nothing: a line that only flashes disturbs. */
const WAIT_MILLISECONDS = 400;
const PAINT_MILLISECONDS = 100; // More often than a person can read only makes it flicker.

/** A line at the bottom of a terminal that says how far long work is. */
export interface Progress {
  /** Shows the text instead of the one before. */
  readonly show: (text: string) => void;
  /** Removes the line, so that other output can be written. */
  readonly clear: () => void;
}

/** Returns the progress of a terminal. Nothing is written to anything else. */
export function createProgress(
  write: (text: string) => void,
  columns: () => number,
  now: () => UnixMilliseconds,
): Progress {
  let isShown = false;
  const begunAt = now();
  let paintedAt = Number.NEGATIVE_INFINITY;
  return {
    show: (text) => {
      const at = now();
      if (isWithin(begunAt, at, WAIT_MILLISECONDS)) return;
      if (isWithin(paintedAt, at, PAINT_MILLISECONDS)) return;
      paintedAt = at;
      isShown = true;
      // One column stays free: a terminal that wraps could not remove the line.
      write(`\r\u001b[2K${cutText(visibleLine(text), columns() - 1, 'end')}`);
    },
    clear: () => {
      if (!isShown) return;
      isShown = false;
      paintedAt = Number.NEGATIVE_INFINITY;
      write('\r\u001b[2K');
    },
  };
}
