import * as v from 'valibot';
import { RULES, type Rule, type Tripwires } from '../../../src/workflow/index.ts';

const changes = v.record(v.string(), v.picklist(['shadow', 'off']));

/**
 * The rules as they come, with what a deployment changes of them by their ids: `shadow` records and
 * does nothing, `off` is not looked at. Undefined for an id that no rule has: it would stay in
 * force, and its operator believe otherwise.
 */
export function readRules(value: unknown): readonly Rule[] | undefined {
  const parsed = v.safeParse(changes, value);
  if (!parsed.success) return undefined;
  const { output } = parsed;
  const known = new Set(RULES.map(({ id }) => id));
  if (Object.keys(output).some((id) => !known.has(id))) return undefined;
  return RULES.filter(({ id }) => output[id] !== 'off').map((rule) =>
    output[rule.id] === 'shadow' ? { ...rule, shadow: true } : rule,
  );
}

const names = v.optional(v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.maxLength(256)), []);
const tripwires = v.strictObject({ tools: names, datasets: names });

export function readTripwires(value: unknown): Tripwires | undefined {
  const parsed = v.safeParse(tripwires, value);
  return parsed.success ? parsed.output : undefined;
}
