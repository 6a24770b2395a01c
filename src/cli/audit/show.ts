import { describeRecord, type ExportedRecord, textOf } from '../../audit/export/index.ts';
import { type Screen, showTime } from '../terminal/index.ts';
import { visibleLine } from '../visible.ts';

/** Returns a record as one line: when, where it is, for whom, and what happened. */
export function lineOf(screen: Screen, { log, index, record }: ExportedRecord): string {
  const { at, agent, subject, workflow } = record;
  const party = [textOf(agent), textOf(subject)].filter((name) => name !== undefined);
  const parts = [
    showTime(screen, at, 'milliseconds'),
    `${log}:${index}`,
    record.event.padEnd(EVENT_CHARACTERS),
    describeRecord(record),
    party.length > 0 ? `(${[...new Set(party)].join(' for ')})` : '',
    workflow ?? '',
  ];
  return visibleLine(parts.filter((part) => part !== '').join('  '));
}

const EVENT_CHARACTERS = 'approval_decided'.length;
