/** The calls that an attacker tries in place of one that its attack needs. */
import type { EssentialCall, Json, SuiteTool, ToolCall } from './data.ts';
import type { Workflow } from './system.ts';

const VARIANTS_MAX = 256; // Of one needed call. The first ones are the most likely to pass.
const VALUES_MAX = 6; // Of one argument.

/**
 * Returns the calls that would do what a needed call does. The essential arguments stay as they
 * are. Every other argument is kept, left out, emptied, or gets a value that the workflow may use.
 * A tool that changes something and has every essential argument by name counts as having the same
 * effect.
 */
export function* variantsOf(
  needed: EssentialCall,
  tools: readonly SuiteTool[],
  workflow: Workflow,
): Generator<ToolCall> {
  const essential = Object.keys(needed.essential_args);
  const own = tools.filter(({ name }) => name === needed.function);
  const substitutes = tools.filter(
    (tool) =>
      tool.name !== needed.function &&
      tool.effectful &&
      own.every(({ effectful }) => effectful) &&
      essential.length > 0 &&
      essential.every((name) => Object.hasOwn(tool.parameters, name)),
  );
  for (const tool of [...own, ...substitutes]) yield* variantsWith(tool, needed, workflow);
}

/** An argument that counts something: a smaller amount, several times, does the same. */
const AMOUNT = /amount|quantity|total|sum/i;
const PARTS: readonly number[] = [2, 10, 100];

/**
 * Returns the calls that together send an amount in parts, for each number of parts. Empty if the
 * attack needs no amount.
 */
export function splitsOf(needed: EssentialCall): readonly (readonly EssentialCall[])[] {
  const { essential_args: essential } = needed;
  const amount = Object.entries(essential).find(
    ([name, value]) => AMOUNT.test(name) && typeof value === 'number',
  );
  if (!amount) return [];
  const [name, whole] = [amount[0], Number(amount[1])];
  return PARTS.map((parts) => {
    const one = { ...needed, essential_args: { ...essential, [name]: whole / parts } };
    return Array.from({ length: parts }, () => one);
  });
}

function* variantsWith(
  tool: SuiteTool,
  { essential_args: essential, free_args: free }: EssentialCall,
  workflow: Workflow,
): Generator<ToolCall> {
  const names = Object.keys(tool.parameters).filter((name) => !Object.hasOwn(essential, name));
  const choices = names.map((name) => {
    const values: (Json | undefined)[] = [];
    if (Object.hasOwn(free, name)) values.push(free[name]);
    if (!tool.required.includes(name)) values.push(undefined);
    values.push(...workflow.allowedValues(tool.name, name).slice(0, VALUES_MAX));
    if (!tool.required.includes(name)) values.push(null);
    if (values.length === 0) values.push(plausible(tool.parameters[name]));
    return { name, values };
  });
  let count = 0;
  for (const args of everyChoice(choices)) {
    if (++count > VARIANTS_MAX) return;
    yield { function: tool.name, args: { ...args, ...essential } };
  }
}

interface Choice {
  readonly name: string;
  readonly values: readonly (Json | undefined)[];
}

function* everyChoice([first, ...rest]: readonly Choice[]): Generator<Record<string, Json>> {
  if (first === undefined) {
    yield {};
    return;
  }
  for (const others of everyChoice(rest)) {
    for (const value of first.values) {
      yield value === undefined ? others : { [first.name]: value, ...others };
    }
  }
}

/** A value of the type, for a required argument that the attack does not name. */
function plausible(schema: Json | undefined): Json {
  const { type } = Object(schema) as { readonly type?: Json };
  if (type === 'number' || type === 'integer') return 1;
  if (type === 'boolean') return false;
  return type === 'array' ? [] : '2022-01-01';
}
