import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../../../src/canonical-json.ts';
import { checkDataset, checkTool } from '../../../src/capability/index.ts';
import { RULES, type Rule, type Tripwires } from '../../../src/lifecycle/index.ts';

const changes = v.pipe(
  // A schema of records or objects takes `[]` for one without members.
  v.custom<JsonObject>(isJsonObject, 'not an object'),
  v.record(v.string(), v.picklist(['shadow', 'off'])),
);

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

const names = (check: (name: string) => { readonly ok: boolean }) =>
  v.optional(
    v.pipe(
      v.array(
        v.pipe(
          v.string(),
          v.check((name) => check(name).ok),
        ),
      ),
      v.maxLength(256),
    ),
    [],
  );
const tripwires = v.strictObject({ tools: names(checkTool), datasets: names(checkDataset) });

/**
 * Undefined for a name that no call can have, such as \`payroll/\`: it would never trip, and its
 * operator believe otherwise.
 */
export function readTripwires(value: unknown): Tripwires | undefined {
  const parsed = isJsonObject(value) ? v.safeParse(tripwires, value) : undefined;
  return parsed?.success ? parsed.output : undefined;
}
