import type { HistoryState } from '../../../src/history/index.ts';
import { HISTORY } from '../platform/history-column.ts';
import { jsonColumn } from '../platform/json-column.ts';

export const TALLY = jsonColumn<HistoryState>('tally.history', [HISTORY]);
