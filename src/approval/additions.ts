import { canonicalJson, type Json, type JsonScalar } from '../canonical-json.ts';
import {
  type ArgumentConstraints,
  type Constraint,
  covers,
  coversGrant,
  type Grant,
  listedValues,
  type PresentConstraint,
} from '../capability/index.ts';
import { pointerTo } from '../json-pointer.ts';

/** What a step-up adds to a workflow, for the person who is asked. Plain JSON. */
export type Addition =
  /** A grant that the workflow has nothing like. */
  | Pick<Grant, 'tool' | 'action' | 'dataset'>
  /** Values beside those that an argument may have now. */
  | {
      readonly tool: string;
      readonly dataset: string;
      readonly pointer: string;
      readonly values: readonly JsonScalar[];
      readonly allowed: readonly JsonScalar[];
    }
  /** Another change. Null: no constraint; for `was` also an argument that no call could bring. */
  | {
      readonly tool: string;
      readonly dataset: string;
      readonly pointer: string;
      readonly was: Json;
      readonly now: Json;
    };

/** What `granted` has that `held` does not allow, each compared with what is held of the same. */
export const additions = (held: readonly Grant[], granted: readonly Grant[]): readonly Addition[] =>
  granted
    .filter((grant) => !coversGrant(held, grant))
    .flatMap((grant): readonly Addition[] => {
      const { tool, action, dataset } = grant;
      const base = held.findLast(
        (one) => one.tool === tool && one.action === action && covers(one.dataset, grant.dataset),
      );
      return base ? changes(grant, base.constraints) : [{ tool, action, dataset }];
    });

function changes({ tool, dataset, constraints }: Grant, was: ArgumentConstraints | undefined) {
  const place = { tool, dataset };
  if (was === undefined || constraints === undefined) {
    const [before, now] = [was, constraints].map((one) => (one ?? null) as unknown as Json);
    return [{ ...place, pointer: '', was: before ?? null, now: now ?? null }];
  }
  const opened = constraints.arguments
    .filter((name) => !was.arguments.includes(name))
    .map((name) => pointerTo('', name));
  const pointers = new Set([
    ...Object.keys(was.constraints),
    ...Object.keys(constraints.constraints),
    ...opened,
  ]);
  return [...pointers].flatMap((pointer): readonly Addition[] => {
    const [before, now] = [was, constraints].map((one) => one.constraints[pointer]);
    const isOpened = opened.includes(pointer);
    if (!isOpened && textOf(before) === textOf(now)) return [];
    const [old, wider] = [valuesOf(before), valuesOf(now)];
    const values = wider?.filter((value) => !old?.includes(value)) ?? [];
    const isWider = old && values.length > 0 && old.every((value) => wider?.includes(value));
    return isWider
      ? [{ ...place, pointer, values, allowed: old }]
      : [{ ...place, pointer, was: asJson(before), now: asJson(now) }];
  });
}

const asJson = (constraint: Constraint | undefined): Json =>
  // What the parser let through is JSON.
  (constraint ?? null) as unknown as Json;

const textOf = (constraint: Constraint | undefined): string => canonicalJson(asJson(constraint));

/** The values that an argument may have, where a constraint lists them. */
function valuesOf(constraint: Constraint | undefined): readonly JsonScalar[] | undefined {
  if (!constraint || 'absent' in constraint) return undefined;
  const present = 'optional' in constraint ? constraint.optional : constraint;
  const parts: readonly PresentConstraint[] = 'allOf' in present ? present.allOf : [present];
  const sets = parts.flatMap((part) => listedValues(part) ?? []);
  // Of two lists on one argument neither is what it may be.
  return sets.length === 1 ? sets[0]?.values : undefined;
}
