import * as v from 'valibot';
import { APPROVER_DATASET_BYTES_MAX, APPROVER_DATASETS_MAX } from '../../feed/log/index.ts';
import { AUDIENCE_BYTES_MAX, KEY_ID_MAX } from '../../limits.ts';
import type { AdminRoutes } from '../route.ts';
import { count, DIGEST, nameOf, reason, UNIX_SECONDS_MAX, unixSeconds } from '../values.ts';

const publicKey = v.pipe(
  v.string(),
  v.regex(DIGEST),
  v.description('the public half of an Ed25519 key: 32 bytes in lower-case hex'),
);

const until = v.optional(
  v.pipe(
    v.number(),
    v.safeInteger(),
    v.minValue(0),
    v.maxValue(UNIX_SECONDS_MAX),
    v.description('Unix seconds from which on nothing that it signed counts; absent: no end'),
  ),
);

const gateway = nameOf(AUDIENCE_BYTES_MAX, 'the audience of the gateway that has the private half');
const approver = nameOf(
  AUDIENCE_BYTES_MAX,
  "for whom the key speaks: the issuer's URL, or the name of an operator as records have it",
);
const datasets = v.optional(
  v.pipe(
    v.array(nameOf(APPROVER_DATASET_BYTES_MAX, 'a dataset')),
    v.minLength(1),
    v.maxLength(APPROVER_DATASETS_MAX),
    v.description('the datasets whose calls it may approve; absent: all of them'),
  ),
);

const listed = {
  id: v.pipe(count, v.description('of the key in its list; never used again')),
  public_key: v.string(),
  until: v.pipe(v.nullable(unixSeconds), v.description('null: until it is removed')),
};
const receiptKey = v.object({ ...listed, gateway: v.string() });
const approverKey = v.object({
  ...listed,
  approver: v.string(),
  datasets: v.pipe(v.nullable(v.array(v.string())), v.description('null: all of them')),
});

const outcome = {
  changed: v.pipe(v.boolean(), v.description('false if the head has it already')),
  archived: v.pipe(
    v.boolean(),
    v.description('whether the archive has it: it then survives a restore of the log'),
  ),
  recorded: v.pipe(v.boolean(), v.description('whether the audit log has the record yet')),
};

const id = {
  schema: v.pipe(
    v.string(),
    v.regex(/^[1-9]\d{0,8}$/),
    v.check((text) => Number(text) <= KEY_ID_MAX),
    v.description('the id of a key in the list'),
  ),
  problem: 'key_unknown',
} as const;

const REMOVAL =
  'From the next head on, nothing that the key has signed counts. The key cannot be added again. It never waits for a second person.';

export const KEY_ROUTES = {
  listReceiptKeys: {
    method: 'GET',
    path: '/receipt-keys',
    needs: 'read',
    summary: 'Lists the keys of gateways whose receipts count.',
    params: {},
    answer: v.object({ keys: v.array(receiptKey) }),
    problems: [],
  },
  addReceiptKey: {
    method: 'POST',
    path: '/receipt-keys',
    needs: 'keys',
    summary: 'Adds the key of a gateway to the head, so that its receipts count.',
    description: 'Recorded first. The same key with the same facts again changes nothing.',
    params: {},
    body: v.strictObject({ public_key: publicKey, gateway, until, reason }),
    answer: v.object({ key: receiptKey, ...outcome }),
    problems: ['keys_full', 'key_removed', 'key_conflict', 'audit_unavailable'],
  },
  removeReceiptKey: {
    method: 'POST',
    path: '/receipt-keys/:id/remove',
    needs: 'keys',
    stopsWith: {},
    summary: 'Removes the key of a gateway from the head.',
    description: REMOVAL,
    params: { id },
    body: v.strictObject({ reason }),
    answer: v.object({ key: receiptKey, ...outcome }),
    problems: ['key_unknown'],
  },
  listApproverKeys: {
    method: 'GET',
    path: '/approver-keys',
    needs: 'read',
    summary: 'Lists the keys whose approvals of single calls count.',
    params: {},
    answer: v.object({ keys: v.array(approverKey) }),
    problems: [],
  },
  addApproverKey: {
    method: 'POST',
    path: '/approver-keys',
    needs: 'keys',
    summary: 'Adds a key to the head whose approvals of single calls count.',
    description: 'Recorded first. The same key with the same facts again changes nothing.',
    params: {},
    body: v.strictObject({ public_key: publicKey, approver, datasets, until, reason }),
    answer: v.object({ key: approverKey, ...outcome }),
    problems: ['keys_full', 'key_removed', 'key_conflict', 'audit_unavailable'],
  },
  removeApproverKey: {
    method: 'POST',
    path: '/approver-keys/:id/remove',
    needs: 'keys',
    stopsWith: {},
    summary: 'Removes a key for approvals from the head.',
    description: REMOVAL,
    params: { id },
    body: v.strictObject({ reason }),
    answer: v.object({ key: approverKey, ...outcome }),
    problems: ['key_unknown'],
  },
} as const satisfies AdminRoutes;
