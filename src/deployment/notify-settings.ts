import * as v from 'valibot';
import { TARGET_SCHEMAS, TARGETS_MAX, type TargetKind } from '../notices/index.ts';
import type { KeyFault, KeyPath, RuleFault } from './fault.ts';
import type { Environment } from './model.ts';
import type { Settings } from './settings.ts';
import { describeFound, member, schemaFaults, type Table } from './values.ts';

const KINDS = Object.keys(TARGET_SCHEMAS) as [TargetKind, ...TargetKind[]];
const { url } = TARGET_SCHEMAS.webhook.entries;
const { from, to, events } = TARGET_SCHEMAS.email.entries;

/** Keys of `[notify.NAME]`: where notifications are sent. Secrets are stated elsewhere. */
export const NOTIFY_SETTINGS = {
  kind: {
    schema: v.picklist(KINDS),
    required: true,
    variable: 'NOTIFY',
    purpose:
      'The form of the messages. `webhook`: JSON, signed as Standard Webhooks describes. `slack`: an incoming webhook of Slack, or of a program that takes the same. `email`: JSON with `from`, `to`, `subject` and `text`, as mail APIs take it.',
  },
  url: {
    schema: url,
    absent: 'required, except for `slack`, whose URL is a secret',
    purpose: 'Where messages are sent.',
  },
  from: { schema: from, absent: 'required for `email`', purpose: 'The sender of the mail.' },
  to: { schema: to, absent: 'required for `email`', purpose: 'The recipients of the mail.' },
  events: {
    schema: events.wrapped,
    absent: 'all',
    purpose: 'The notifications that are sent there.',
  },
} as const satisfies Settings;

/** Returns every fault of one target against the schema of its kind. */
export function notifyFaults(target: Table, path: KeyPath): KeyFault[] {
  const kind = member(target, 'kind');
  const schema = KINDS.find((one) => one === kind);
  if (schema) return schemaFaults(TARGET_SCHEMAS[schema], target, path);
  const allowed = KINDS.map((one) => JSON.stringify(one)).join(', ');
  const at = [...path, 'kind'];
  return [{ path: at, found: kind === undefined ? 'missing' : describeFound(kind, at), allowed }];
}

/** Each target stores one more copy of every notification. */
export const notifyRuleFaults = ({ notify }: Environment): readonly RuleFault[] =>
  notify.length <= TARGETS_MAX
    ? []
    : [
        {
          path: ['notify'],
          found: `found ${notify.length} targets`,
          allowed: `at most ${TARGETS_MAX}`,
        },
      ];
