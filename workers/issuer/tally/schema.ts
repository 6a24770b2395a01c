import type { Schema } from '../platform/sqlite.ts';
import { lastingLabelTable, tallyTable } from './tables.ts';

const ON_DEMAND: Readonly<Record<string, readonly string[]>> = {
  tally: [
    `CREATE TABLE IF NOT EXISTS tally (
      one     INTEGER PRIMARY KEY CHECK (one = 1),
      history TEXT NOT NULL,
      until   INTEGER NOT NULL -- unix seconds
    ) STRICT`,
  ],
  lasting_label: [
    `CREATE TABLE IF NOT EXISTS lasting_label (
      label    TEXT PRIMARY KEY,
      at       INTEGER NOT NULL, -- unix seconds
      workflow TEXT NOT NULL,
      tool     TEXT NOT NULL,
      until    INTEGER NOT NULL -- unix seconds
    ) STRICT, WITHOUT ROWID`,
  ],
};

/** What an agent, subject or owner did. An object that nothing was charged to stores nothing. */
export const tallySchema: Schema = {
  object: 'Tally',
  tables: [tallyTable, lastingLabelTable],
  steps: [
    {
      release: '0.4.0',
      readableFrom: 1,
      sql: '',
      onDemand: { tables: ON_DEMAND, convert: () => undefined },
    },
  ],
  triggers: {},
};
