import { describeRecord, type ExportedRecord, textOf } from '../../audit/export/index.ts';
import type { AuditRecord } from '../../audit/index.ts';
import {
  paint,
  type Screen,
  showTime,
  textWidth,
  widthOf,
  withoutProvider,
  wrapParts,
} from '../terminal/index.ts';
import { visibleLine } from '../visible.ts';

/**
 * Returns a record as one line: when, where it is, what happened, and for whom, unless the reader
 * knows that. On a terminal that is too narrow, the rest is on lines of its own.
 */
export function lineOf(
  screen: Screen,
  { log, index, record }: ExportedRecord,
  { isOneWorkflow = false }: { readonly isOneWorkflow?: boolean } = {},
): string {
  const time = showTime(screen, record.at, 'milliseconds');
  const place = `${log}:${index}`;
  const event = record.event.padEnd(EVENT_CHARACTERS);
  const isDenied = record.event === 'decision' && !record.allowed;
  // With the id that `hewn audit why` takes.
  const denial = isDenied ? [record.code ?? '', record.id] : [];
  const what = joined([describeRecord(record), ...denial]);
  const tone = isDenied ? 'bad' : undefined;
  const rest = isOneWorkflow ? [] : [partyOf(record, (name) => name), record.workflow ?? ''];
  const line = joined([time, place, event, what, ...rest]);
  const width = widthOf(screen);
  if (width === undefined || textWidth(line) <= width) return paint(screen, tone, line);
  const words = [joined([time, event.trimEnd()]), ...joined([what]).split(' ')];
  const own = isOneWorkflow
    ? ''
    : joined([partyOf(record, withoutProvider), record.workflow ?? '', place]);
  return [
    ...wrapParts(words, width, '  ').map((part) => paint(screen, tone, part)),
    ...(own === '' ? [] : wrapParts(own.split('  '), width - 2)).map(
      (part) => `  ${paint(screen, 'quiet', part)}`,
    ),
  ].join('\n');
}

/** Returns whom a record is about: the agent, and the person behind it. */
function partyOf({ agent, subject }: AuditRecord, shown: (name: string) => string): string {
  const names = [textOf(agent), textOf(subject)].filter((name) => name !== undefined);
  return names.length === 0 ? '' : `(${[...new Set(names)].map(shown).join(' for ')})`;
}

const joined = (parts: readonly string[]): string =>
  visibleLine(parts.filter((part) => part !== '').join('  '));

const EVENT_CHARACTERS = 'approval_decided'.length;
