import { isLogName, type LogName } from '../logs.ts';

/** Up to where each log was read: the index of the next record of it. */
export type Cursor = ReadonlyMap<LogName, number>;

/** As many logs as a cursor may name: all of them, and many continuations of the control log. */
const LOGS_MAX = 64;

/** Returns a cursor as text: `control:12,decisions-1-0:40`. */
export const formatCursor = (cursor: Cursor): string =>
  [...cursor].map(([log, next]) => `${log}:${next}`).join(',');

/** Returns the cursor of a text; undefined for another text. */
export function readCursor(text: string): Cursor | undefined {
  const cursor = new Map<LogName, number>();
  if (text === '') return cursor;
  const parts = text.split(',', LOGS_MAX + 1);
  for (const part of parts) {
    const [, log = '', next = ''] = /^([a-z0-9-]+):(0|[1-9]\d{0,14})$/.exec(part) ?? [];
    if (!isLogName(log) || cursor.has(log)) return undefined;
    cursor.set(log, Number(next));
  }
  return parts.length > LOGS_MAX ? undefined : cursor;
}
