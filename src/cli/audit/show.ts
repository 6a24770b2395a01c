import { describeRecord, type ExportedRecord, textOf } from '../../audit/export/index.ts';
import { paint, type Screen, showTime, textWidth, widthOf, wrapParts } from '../terminal/index.ts';
import { visibleLine } from '../visible.ts';

/**
 * Returns a record as one line: when, where it is, for whom, and what happened. On a terminal that
 * is too narrow, what happened is on the first line, and for whom and where on the next.
 */
export function lineOf(screen: Screen, { log, index, record }: ExportedRecord): string {
  const { at, agent, subject, workflow } = record;
  const party = [textOf(agent), textOf(subject)].filter((name) => name !== undefined);
  const time = showTime(screen, at, 'milliseconds');
  const place = `${log}:${index}`;
  const event = record.event.padEnd(EVENT_CHARACTERS);
  const what = describeRecord(record);
  const whose = [party.length > 0 ? `(${[...new Set(party)].join(' for ')})` : '', workflow ?? ''];
  const line = joined([time, place, event, what, ...whose]);
  const width = widthOf(screen);
  if (width === undefined || textWidth(line) <= width) return line;
  const rest = joined([...whose, place]);
  return [
    ...wrapParts([joined([time, event.trimEnd()]), ...visibleLine(what).split(' ')], width, '  '),
    ...wrapParts(rest.split(' '), width - 2).map((one) => `  ${paint(screen, 'quiet', one)}`),
  ].join('\n');
}

const joined = (parts: readonly string[]): string =>
  visibleLine(parts.filter((part) => part !== '').join('  '));

const EVENT_CHARACTERS = 'approval_decided'.length;
