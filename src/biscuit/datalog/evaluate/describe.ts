/**
 * Describes a world as text, in the form of the official conformance data. For people and tests.
 */
import { printCheck, printFact, printPolicy, printRule } from '../print/index.ts';
import type { Origin } from './facts.ts';
import { AUTHORIZER, blockOrigin } from './scopes.ts';
import type { World } from './world.ts';

/** Where a fact comes from: the number of a block, or the authorizer. */
export type OriginName = 'authorizer' | number;

/** A world as text, for people. */
export type WorldText = {
  /** By origin. Contains derived facts once the world has been decided or queried. */
  readonly facts: readonly {
    readonly origin: readonly OriginName[];
    readonly facts: readonly string[];
  }[];
  readonly rules: readonly { readonly origin: OriginName; readonly rules: readonly string[] }[];
  readonly checks: readonly { readonly origin: OriginName; readonly checks: readonly string[] }[];
  readonly policies: readonly string[];
};

function originNames(origin: Origin, blocks: number): readonly OriginName[] {
  const names: OriginName[] = origin & AUTHORIZER ? ['authorizer'] : [];
  for (let blockId = 0; blockId < blocks; blockId++)
    if (origin & blockOrigin(blockId)) names.push(blockId);
  return names;
}

/** Each list is sorted. Facts and rules have no duplicates. Checks keep their order. */
export function describeWorld({ input, store }: World): WorldText {
  const { blocks, authorizer } = input;
  const byOrigin = new Map<Origin, Set<string>>();
  for (const { facts, origins } of store.buckets.values())
    facts.forEach((fact, i) => {
      const origin = origins[i] ?? 0;
      byOrigin.set(origin, (byOrigin.get(origin) ?? new Set()).add(printFact(fact)));
    });
  const sources = [
    ...blocks.map(({ block }, blockId) => ({ origin: blockId as OriginName, source: block })),
    { origin: 'authorizer' as OriginName, source: authorizer },
  ];
  return {
    facts: [...byOrigin].map(([origin, facts]) => ({
      origin: originNames(origin, blocks.length),
      facts: [...facts].sort(),
    })),
    rules: sources
      .filter(({ source }) => source.rules.length > 0)
      .map(({ origin, source }) => ({
        origin,
        rules: [...new Set(source.rules.map(printRule))].sort(),
      })),
    checks: sources
      .filter(({ source }) => source.checks.length > 0)
      .map(({ origin, source }) => ({ origin, checks: source.checks.map(printCheck) })),
    policies: authorizer.policies.map(printPolicy),
  };
}
