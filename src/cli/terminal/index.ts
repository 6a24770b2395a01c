/** How the `hewn` command shows things: to a person at a terminal, or to a program. */
export { type Fact, renderFacts } from './facts.ts';
export { showAge, showSeconds, showTime, showTimestamp } from './local-time.ts';
export { createProgress } from './progress.ts';
export { COLUMNS_DEFAULT, isColoured, paint, type Screen, type Tone, widthOf } from './screen.ts';
export { type Column, partyColumn, renderTable, withoutProvider } from './table.ts';
export { cutText, padText, textWidth, wrapParts } from './text-width.ts';
