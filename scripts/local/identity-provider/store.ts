/**
 * What the local provider remembers: in memory, until the process ends, one store per provider.
 *
 * The provider's default store prints a warning that it is for a quick start only. This one is as
 * small, but states its purpose.
 */
import type { Adapter, AdapterPayload } from 'oidc-provider';

type Clock = () => number;

interface Row {
  readonly payload: AdapterPayload;
  readonly expiresAtMs: number;
}

/** Returns a factory of adapters, one per model, over one store. */
export function createStore(now: Clock): (model: string) => Adapter {
  const rows = new Map<string, Row>();
  const live = (key: string): AdapterPayload | undefined => {
    const row = rows.get(key);
    if (row === undefined || row.expiresAtMs > now()) return row?.payload;
    rows.delete(key);
    return undefined;
  };
  const findWhere = (model: string, matches: (payload: AdapterPayload) => boolean) => {
    for (const key of rows.keys()) {
      const payload = key.startsWith(`${model}:`) ? live(key) : undefined;
      if (payload !== undefined && matches(payload)) return payload;
    }
    return undefined;
  };
  return (model) => ({
    upsert: async (id, payload, expiresInSeconds) => {
      // A row without a lifetime (a client, a key) stays as long as the process.
      const expiresAtMs = now() + (expiresInSeconds || Infinity) * 1000;
      rows.set(`${model}:${id}`, { payload, expiresAtMs });
    },
    find: async (id) => live(`${model}:${id}`),
    findByUid: async (uid) => findWhere(model, (payload) => payload.uid === uid),
    findByUserCode: async (code) => findWhere(model, (payload) => payload.userCode === code),
    consume: async (id) => {
      const payload = live(`${model}:${id}`);
      if (payload !== undefined) payload.consumed = Math.floor(now() / 1000);
    },
    destroy: async (id) => {
      rows.delete(`${model}:${id}`);
    },
    revokeByGrantId: async (grantId) => {
      for (const [key, { payload }] of rows) if (payload.grantId === grantId) rows.delete(key);
    },
  });
}
