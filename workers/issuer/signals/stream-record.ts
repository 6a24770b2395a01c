import type { StreamRecord } from '../../../src/audit/index.ts';
import { readClock } from '../../../src/clock.ts';

/** What an operator has changed of a stream, for the audit log. */
export const recordOf = (
  stream: string,
  change: StreamRecord['change'],
  actor: string,
  facts: Pick<StreamRecord, 'audience' | 'endpoint'> = {},
): StreamRecord => ({
  event: 'stream',
  id: `stream.${stream}.${crypto.randomUUID()}`,
  at: readClock(),
  stream,
  change,
  actor,
  ...facts,
});
