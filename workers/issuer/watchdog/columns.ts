import * as v from 'valibot';
import type { Notice } from '../../../src/notices/index.ts';
import { jsonColumn } from '../platform/json-column.ts';

export const NOTICE = jsonColumn<Notice>('notice.notice', [
  v.looseObject({ type: v.string(), data: v.looseObject({}) }),
]);

export const NAMES = jsonColumn<readonly string[]>('drill_run.late', [v.array(v.string())]);
