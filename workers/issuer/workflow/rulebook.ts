import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../../../src/canonical-json.ts';
import { checkDataset, checkTool } from '../../../src/capability/index.ts';
import { RULES, type Rule, type Tripwires } from '../../../src/lifecycle/index.ts';

/** The deviation rules of a deployment, with the names that trip its tripwire. */
export interface Rulebook {
  readonly rules: readonly Rule[];
  readonly tripwires: Tripwires;
}

const changes = v.pipe(
  // A record schema would accept `[]` as an object without members.
  v.custom<JsonObject>(isJsonObject, 'not an object'),
  v.record(v.string(), v.picklist(['shadow', 'off'])),
);

/**
 * Returns the rules with a deployment's changes by rule id: `shadow` records and does not act,
 * `off` skips the rule. Returns undefined for an unknown id: the misspelt rule would stay in force
 * while its operator believes otherwise.
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

/** Every name is compared with each call, and no deployment needs more of them. */
const TRIPWIRE_NAMES_MAX = 256;

const names = (check: (name: string) => { readonly ok: boolean }) =>
  v.optional(
    v.pipe(
      v.array(
        v.pipe(
          v.string(),
          v.check((name) => check(name).ok),
        ),
      ),
      v.maxLength(TRIPWIRE_NAMES_MAX),
    ),
    [],
  );
const tripwires = v.strictObject({ tools: names(checkTool), datasets: names(checkDataset) });

/**
 * Reads the tripwires of a deployment. Returns undefined for a name that no call can have, such as
 * `payroll/`: it would never trip while its operator believes that it does.
 */
export function readTripwires(value: unknown): Tripwires | undefined {
  const parsed = isJsonObject(value) ? v.safeParse(tripwires, value) : undefined;
  return parsed?.success ? parsed.output : undefined;
}
