import * as v from 'valibot';
import { expect, test } from 'vitest';
import { ADMIN_API, timestamped } from '../../../src/issuer-api/index.ts';
import { unixMilliseconds, unixSeconds } from '../../../src/issuer-api/values.ts';

const ISO = '2026-11-23T10:00:00.000Z';
const SECONDS = Date.parse(ISO) / 1000;

test('each time of an answer becomes RFC 3339, wherever it is', () => {
  const schema = v.object({
    plain: unixSeconds,
    described: v.pipe(v.optional(unixSeconds), v.description('when')),
    nullable: v.nullable(v.pipe(unixSeconds, v.description('when'))),
    fine: unixMilliseconds,
    list: v.array(v.object({ at: unixSeconds, count: v.number() })),
    named: v.record(v.string(), unixSeconds),
    either: v.union([
      v.object({ dry_run: v.literal(true), n: v.number() }),
      v.object({ at: unixSeconds }),
    ]),
  });
  const answer = {
    plain: SECONDS,
    described: SECONDS,
    nullable: null,
    fine: SECONDS * 1000,
    list: [{ at: SECONDS, count: SECONDS }],
    named: { a: SECONDS },
    either: { at: SECONDS },
    unknown: SECONDS,
  };
  expect(timestamped(schema, answer)).toEqual({
    ...answer,
    plain: ISO,
    described: ISO,
    fine: ISO,
    list: [{ at: ISO, count: SECONDS }],
    named: { a: ISO },
    either: { at: ISO },
  });
});

test('a time beyond what Date can hold does not throw', () => {
  expect(timestamped(unixMilliseconds, Number.MAX_SAFE_INTEGER)).toMatch(/^\+275760/);
});

test('no answer of the admin API has a number whose name says that it is a time', () => {
  const names: string[] = [];
  const walk = (schema: unknown, name: string): void => {
    const parts = schema as Record<string, unknown> | undefined;
    if (typeof parts !== 'object' || parts === null) return;
    const isNumber = parts.type === 'number' && timestamped(parts as never, 0) === 0;
    if (
      isNumber &&
      /(?:^at$|_at$|At$|^until$|^expires$|^since$|^deadline$|^ends?$|^began$)/.test(name)
    ) {
      names.push(name);
    }
    for (const [member, own] of Object.entries((parts.entries ?? {}) as object)) walk(own, member);
    for (const own of (parts.options as unknown[] | undefined) ?? []) walk(own, name);
    walk(parts.wrapped, name);
    walk(parts.item, name);
    walk(parts.value, name);
  };
  for (const feature of Object.values(ADMIN_API)) {
    for (const route of Object.values(feature)) walk((route as { answer?: unknown }).answer, '');
  }
  expect(names).toEqual([]);
});
