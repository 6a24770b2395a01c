import * as v from 'valibot';

/** What rules over history remember. */
export const HISTORY = v.looseObject({
  next: v.number(),
  rules: v.record(
    v.string(),
    v.array(
      v.looseObject({
        n: v.number(),
        at: v.number(),
        role: v.picklist(['took', 'saw', 'voided']),
        nonce: v.exactOptional(v.string()),
        count: v.exactOptional(v.number()),
        micros: v.exactOptional(v.number()),
        value: v.exactOptional(v.string()),
        result: v.exactOptional(v.picklist(['open', 'ok', 'failed'])),
        by: v.exactOptional(v.number()),
        used: v.exactOptional(v.number()),
      }),
    ),
  ),
});
