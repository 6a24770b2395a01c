/** The grants of a workflow, derived from the user's side alone. */
import {
  type ArgumentConstraints,
  type Constraint,
  type Grant,
  pinSinks,
  uniteConstraints,
} from '../../src/capability/index.ts';
import { type Catalogue, type CatalogueTool, describeCall } from '../../src/catalogue/index.ts';
import { standsInRequest } from '../../src/provenance/index.ts';
import type { Json, Task, ToolCall } from '../agent-authz-bench/index.ts';
import type { Configuration } from './configurations.ts';
import { numbersNamed, valuesNamed } from './request-values.ts';
import { isNumber, toolName } from './suite-catalogue.ts';

/** `plan`: the calls that solve the task are known. `prompt`: only the user's request is. */
export type Derivation = 'plan' | 'prompt';

/** Returns what a workflow asks for when it begins, before anything was read. */
export function deriveGrants(
  catalogue: Catalogue,
  task: Task,
  configuration: Configuration,
  derivation: Derivation,
): readonly Grant[] {
  const { tools, reads } = configuration;
  const planned = new Set(task.plan.map((call) => toolName(task.suite, call.function)));
  const chosen = [...catalogue.values()].filter(({ name, action, secret }) => {
    if (tools === 'all') return true;
    // Without a plan nothing says which tools the task needs. What deletes is never among them, and
    // neither is what reads secrets.
    if (derivation === 'prompt') return action !== 'delete' && !secret;
    return planned.has(name) || (reads === 'free' && action === 'read' && !secret);
  });
  return chosen.flatMap((tool) => {
    const calls = task.plan.filter((call) => toolName(task.suite, call.function) === tool.name);
    const constraints = constraintsOf(tool, calls, task, configuration, derivation);
    return datasetsOf(catalogue, tool, calls, configuration, derivation).map(
      (dataset): Grant => ({
        tool: tool.name,
        action: tool.action,
        dataset,
        ...(constraints && { constraints }),
      }),
    );
  });
}

function datasetsOf(
  catalogue: Catalogue,
  { name, datasets }: CatalogueTool,
  calls: readonly ToolCall[],
  { datasets: which }: Configuration,
  derivation: Derivation,
): readonly string[] {
  const roots = datasets.map((source) => ('fixed' in source ? source.fixed : source.under));
  if (which === 'all' || derivation === 'prompt') return [...new Set(roots)];
  const found = calls.flatMap(({ args }) => {
    const described = describeCall(catalogue, name, args);
    return described.ok ? described.value.dataset : roots;
  });
  return [...new Set(found)];
}

function constraintsOf(
  tool: CatalogueTool,
  calls: readonly ToolCall[],
  { prompt, suite, tools }: Task,
  { sinks }: Configuration,
  derivation: Derivation,
): ArgumentConstraints | undefined {
  const schema = tools.find(({ name }) => toolName(suite, name) === tool.name);
  if (sinks === 'open' || sinks === 'origins') return undefined;
  if (sinks === 'everything') return pinnedToPlan(tool, calls);
  const constraints: Record<string, Constraint> = {};
  for (const sink of tool.sinks) {
    const [, name = '', each] = sink.split('/');
    const given = calls.flatMap(({ args }) => valuesAt(args[name]));
    const kind = tool.sink?.find(({ argument }) => argument === sink)?.kind;
    const attested = given.filter((value) => isNamed(prompt, value, kind));
    const named = isNumber(schema?.parameters[name]) ? numbersNamed : valuesNamed;
    const known = derivation === 'prompt' ? named(prompt) : attested;
    const isUnknown = derivation === 'plan' && attested.length < given.length;
    if (sinks === 'named' && isUnknown) continue;
    // Of the prompt alone, nothing says whether an argument is used.
    const mayLack = derivation === 'prompt' || calls.some(({ args }) => isNothing(args[name]));
    constraints[`/${name}`] = pinned(known, each === '*', mayLack);
  }
  if (Object.keys(constraints).length === 0) return undefined;
  return { arguments: [...tool.arguments], constraints };
}

function pinned(known: readonly Json[], isList: boolean, mayLack: boolean): Constraint {
  const values = [...new Set(known)];
  const numbers = values.filter((value) => typeof value === 'number');
  const list = numbers.length > 0 ? numbers : values.map(String);
  if (list.length === 0) return { absent: true };
  const constraint = isList ? { subsetOf: list } : { oneOf: list };
  return (mayLack ? { optional: constraint } : constraint) as Constraint;
}

const isNamed = (prompt: string, value: Json, kind: string | undefined): boolean =>
  (typeof value === 'string' || typeof value === 'number') && standsInRequest(prompt, value, kind);

const isNothing = (value: Json | undefined): boolean => value === undefined || value === null;

const valuesAt = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? value : isNothing(value) ? [] : [value as Json];

/** Pins every argument to the values of the plan, in whatever form the SDK can express. */
function pinnedToPlan(
  { arguments: names }: CatalogueTool,
  calls: readonly ToolCall[],
): ArgumentConstraints | undefined {
  const sinks = names.map((name) => `/${name}`);
  let all: ArgumentConstraints | undefined;
  for (const { args } of calls) {
    const one = pinSinks(args, { arguments: names, sinks })?.constraints;
    if (!one) continue;
    const united = all === undefined ? undefined : uniteConstraints(all, one);
    all = united?.ok ? united.value : (all ?? one);
  }
  return all;
}
