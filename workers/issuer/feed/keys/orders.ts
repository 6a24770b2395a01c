import type { KeyRecord } from '../../../../src/audit/index.ts';
import { readClock, readSeconds } from '../../../../src/clock.ts';
import type {
  ApproverKey,
  HeadKeyList,
  HeadKeyLists,
  ReceiptKey,
} from '../../../../src/feed/index.ts';
import { ok, refuse } from '../../../../src/result.ts';
import { appendRecord } from '../../audit/append.ts';
import type { OwedRecords } from '../../audit/owed-records.ts';
import type { IssuerEnv } from '../../platform/env.ts';
import type { HeadChanges } from '../head-changes.ts';
import type { KeyAdded, KeyOrderer, KeyRemoved } from './receipt.ts';
import type { LogHeadKeys } from './rows.ts';
import { addKey, type KeyDraft, removeKey } from './state.ts';

interface Parts {
  readonly keys: LogHeadKeys;
  readonly owed: OwedRecords;
  readonly env: () => IssuerEnv;
  readonly changes: HeadChanges;
}

/** Carries out an operator's orders on the keys of the head. */
export class KeyOrders {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get lists(): HeadKeyLists {
    const { receipt_keys, approver_keys } = this.#parts.keys.state;
    return { receipt_keys, approver_keys };
  }

  /**
   * Adds a key. It gives power, so it is recorded first. The lists may change while the record is
   * written, so it is decided again afterwards.
   */
  async add(draft: KeyDraft, by: KeyOrderer): Promise<KeyAdded> {
    const { keys, env, changes } = this.#parts;
    const first = addKey(keys.state, draft, readSeconds());
    if (!first.ok) return first;
    const { key } = first.value;
    if (!first.value.changed) {
      return ok({ key, changed: false, ...(await changes.store(() => false)), recorded: true });
    }
    const record = recordOf('added', draft.list, key, by);
    if (!(await appendRecord(env(), record))) return refuse({ code: 'audit_unavailable' });
    const second = addKey(keys.state, draft, readSeconds());
    if (!second.ok) return second;
    const { state, changed } = second.value;
    const stored = await changes.store((now) => {
      if (changed) keys.write(state, now);
      return changed;
    });
    return ok({ key: second.value.key, changed, ...stored, recorded: true });
  }

  /** Removes a key: what it signed counts nowhere from the next head on. Recorded afterwards. */
  async remove(list: HeadKeyList, id: number, by: KeyOrderer): Promise<KeyRemoved> {
    const { keys, owed, changes } = this.#parts;
    const decided = removeKey(keys.state, list, id);
    if (!decided.ok) return decided;
    const { state, key } = decided.value;
    const record = recordOf('removed', list, key, by);
    const stored = await changes.store((now) => {
      keys.write(state, now);
      owed.add(record);
      return true;
    });
    return ok({ key, changed: true, ...stored, recorded: await owed.isWritten(record.id) });
  }
}

const recordOf = (
  change: KeyRecord['change'],
  list: HeadKeyList,
  { id, public_key: publicKey, until, ...facts }: ReceiptKey | ApproverKey,
  { actor, via, reason }: KeyOrderer,
): KeyRecord => ({
  event: 'key',
  id: `key.${change}.${crypto.randomUUID()}`,
  at: readClock(),
  change,
  list,
  key: id,
  public_key: publicKey,
  holder: 'gateway' in facts ? facts.gateway : facts.approver,
  ...('datasets' in facts && facts.datasets !== null && { datasets: facts.datasets }),
  ...(until !== null && { until }),
  actor,
  ...(via && { via }),
  reason,
});
