import * as v from 'valibot';
import type { OperatorClaims } from '../../../src/operators/index.ts';
import { jsonColumn } from '../platform/json-column.ts';

export const CLAIMS = jsonColumn<OperatorClaims>('session.claims', [
  v.record(v.string(), v.array(v.string())),
]);
