/** The small pieces that every page of the console is made of. */

export type { MarkKind } from '../mark-kind.ts';
export { Dialog } from './dialog.ts';
export { type Content, html } from './html.ts';
export { Mark, State } from './marks.ts';
export { When } from './moment.ts';
export { numberText, shortId } from './numbers.ts';
export {
  Card,
  Code,
  Empty,
  Facts,
  Meter,
  Note,
  PageHead,
  Pill,
  Spark,
  type Stat,
  Stats,
  type Tab,
  Tabs,
} from './pieces.ts';
export { say } from './say.ts';
export { type Head, type Row, Table } from './table.ts';
export { Term } from './term.ts';
export { WORDS } from './words.ts';
