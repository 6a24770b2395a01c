import { canonicalJson, type Json, type JsonScalar } from '../canonical-json.ts';
import {
  type ArgumentConstraints,
  type Constraint,
  covers,
  coversGrant,
  type Grant,
  valuesAllowed,
} from '../capability/index.ts';
import { pointerTo } from '../json-pointer.ts';

/** One thing that a step-up adds to a workflow, to show to the approver. Plain JSON. */
export type Addition =
  /** A grant that no grant of the workflow resembles. */
  | Pick<Grant, 'tool' | 'action' | 'dataset'>
  /** Values in addition to those that an argument may have now. */
  | {
      readonly tool: string;
      readonly dataset: string;
      readonly pointer: string;
      readonly values: readonly JsonScalar[];
      readonly allowed: readonly JsonScalar[];
    }
  /**
   * Any other change of a constraint. Null means no constraint; `was` is also null for an argument
   * that calls could not have at all.
   */
  | {
      readonly tool: string;
      readonly dataset: string;
      readonly pointer: string;
      readonly was: Json;
      readonly now: Json;
    };

/**
 * Returns what `granted` allows and `current` does not. Each grant is compared with the current one
 * for the same tool, action and dataset.
 */
export const findAdditions = (
  current: readonly Grant[],
  granted: readonly Grant[],
): readonly Addition[] =>
  granted
    .filter((grant) => !coversGrant(current, grant))
    .flatMap((grant): readonly Addition[] => {
      const { tool, action, dataset } = grant;
      const base = current.findLast(
        (one) => one.tool === tool && one.action === action && covers(one.dataset, dataset),
      );
      return base ? changesOf(grant, base.constraints) : [{ tool, action, dataset }];
    });

function changesOf(
  { tool, dataset, constraints: after }: Grant,
  before: ArgumentConstraints | undefined,
): readonly Addition[] {
  const place = { tool, dataset };
  if (before === undefined || after === undefined) {
    return [{ ...place, pointer: '', was: asJson(before), now: asJson(after) }];
  }
  const newArguments = after.arguments
    .filter((name) => !before.arguments.includes(name))
    .map((name) => pointerTo('', name));
  const pointers = new Set([
    ...Object.keys(before.constraints),
    ...Object.keys(after.constraints),
    ...newArguments,
  ]);
  return [...pointers].flatMap((pointer): readonly Addition[] => {
    const [was, now] = [before.constraints[pointer], after.constraints[pointer]];
    const isSame = canonicalJson(asJson(was)) === canonicalJson(asJson(now));
    if (isSame && !newArguments.includes(pointer)) return [];
    const [allowed, wider] = [valuesOf(was), valuesOf(now)];
    const values = wider?.filter((value) => !allowed?.includes(value)) ?? [];
    const isWider = allowed && values.length > 0 && allowed.every((one) => wider?.includes(one));
    return isWider
      ? [{ ...place, pointer, values, allowed }]
      : [{ ...place, pointer, was: asJson(was), now: asJson(now) }];
  });
}

/** Returns constraints as JSON; null without constraints. */
const asJson = (constraints: Constraint | ArgumentConstraints | undefined): Json =>
  (constraints ?? null) as unknown as Json;

/** An argument that had to be absent is shown as that, and not as an empty list of values. */
const valuesOf = (constraint: Constraint | undefined): readonly JsonScalar[] | undefined =>
  !constraint || 'absent' in constraint ? undefined : valuesAllowed(constraint);
