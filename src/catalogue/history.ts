import {
  HISTORY_RULES_MAX,
  type HistoryRule,
  pointersFor,
  readDeclaration,
  rulesOf,
} from '../history/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { Catalogue, CatalogueError, CatalogueTool } from './catalogue.ts';
import { pointerFault } from './keys/index.ts';

const invalid = (where: string, why: string): Result<never, CatalogueError> =>
  refuse({ code: 'catalogue_invalid', where, why });

/** Reads each `[[history]]` of a catalogue, and reports every fault where it is found. */
export function* readHistory(
  entries: readonly unknown[],
  tools: readonly CatalogueTool[],
): Generator<Result<HistoryRule, CatalogueError>> {
  if (entries.length > HISTORY_RULES_MAX) {
    yield invalid('history', `has ${entries.length} rules; at most ${HISTORY_RULES_MAX}`);
    return;
  }
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const ids = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    const where = `history.${index}`;
    const read = readDeclaration(entry);
    if ('faults' in read) {
      for (const fault of read.faults) yield invalid(placed(where, fault.where), fault.why);
      continue;
    }
    const { rule } = read;
    const faults = [...toolFaults(rule, byName)];
    for (const fault of faults) yield invalid(`${where}.${fault.where}`, fault.why);
    if (ids.has(rule.id)) yield invalid(`${where}.id`, 'appears twice');
    ids.add(rule.id);
    if (faults.length === 0) yield ok(rule);
  }
}

const placed = (where: string, member: string): string =>
  member === '' ? where : `${where}.${member}`;

/** The lists of a rule, and the lowest tier of what each names. */
const LISTS = [
  ['tools', 3, 'a call that a rule over history bounds is charged one by one, so its tool has 3'],
  ['of', 0, ''],
  ['unless', 2, 'such a call must not go uncounted, so its tool has at least 2'],
] as const;

function* toolFaults(
  rule: HistoryRule,
  byName: ReadonlyMap<string, CatalogueTool>,
): Generator<{ readonly where: string; readonly why: string }> {
  const lists: { readonly [Name in 'of' | 'unless']?: readonly string[] } & {
    readonly tools: readonly string[];
  } = rule;
  for (const [list, lowest, why] of LISTS) {
    for (const [index, name] of (lists[list] ?? []).entries()) {
      const where = `${list}.${index}`;
      const tool = byName.get(name);
      // What forbids another call has to be counted as exactly as what voids one.
      const least = list === 'of' && rule.kind === 'not_after' ? LISTS[2][1] : lowest;
      if (!tool) yield { where, why: `${name} is not in the catalogue` };
      else if (tool.tier < least) {
        yield { where, why: `${name} has tier ${tool.tier}: ${why || LISTS[2][2]}` };
      } else yield* pointerFaults(rule, tool, where);
    }
  }
}

function* pointerFaults(rule: HistoryRule, tool: CatalogueTool, where: string) {
  for (const pointer of pointersFor(rule, tool.name)) {
    const why = pointerFault(pointer, tool);
    if (why !== undefined) yield { where, why: `${pointer} of ${tool.name} is ${why}` };
  }
}

/** Returns a tool with the rules that judge or remember its calls. */
export function withHistory(tool: CatalogueTool, rules: readonly HistoryRule[]): CatalogueTool {
  const history = rulesOf(rules, tool.name);
  return history.length === 0 ? tool : { ...tool, history };
}

/** Returns each rule over history of a catalogue, once. docs/reference/history.md has the kinds. */
export function historyRules(catalogue: Catalogue): readonly HistoryRule[] {
  const rules = new Set([...catalogue.values()].flatMap(({ history = [] }) => history));
  return [...rules];
}
