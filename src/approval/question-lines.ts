import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { argumentWords } from '../constraint-words/index.ts';
import { escapeHidden } from '../escape-hidden.ts';
import { budgetWords } from './budget-words.ts';
import { type CallLine, callLines } from './call-lines.ts';
import { printableJson } from './printable-json.ts';

/** One line of a question, as a page shows it. Every member of the question has at least one. */
export interface QuestionLine {
  /** Compared with what the workflow has, or with the last question of the agent. */
  readonly tag: 'new' | 'same' | 'gone';
  readonly name: string;
  readonly value: string;
  /** Where the value came from, in words, if the issuer knows it. */
  readonly source?: string | undefined;
  /** What the value is for: `destination` for an argument that says where something goes. */
  readonly label?: string | undefined;
}

type Line = Pick<QuestionLine, 'name' | 'value'>;

/** What an issuer knows about an argument of an asked call. No other party can. */
export interface KnownArgument {
  /** The place of the call in the question, counted from 0. */
  readonly call: number;
  readonly pointer: string;
  /** A person has approved this value for this agent and tool before. */
  readonly isApproved?: boolean;
  /** Where the value came from, in words. */
  readonly source?: string;
}

/** The names that people know for members of a question. Others have the name of the member. */
const NAMES: Readonly<Record<string, string>> = {
  agent: 'Agent',
  subject: 'For',
  owner: 'Owner',
  task: 'Task',
  prompt: 'Request of the user',
  audience: 'At',
  workflow: 'Continues',
  holder: 'Bound to the key',
  lifetimeSeconds: 'Seconds that a capability lives',
  tier: 'Tier',
  budgets: 'At most',
  rules: 'Allowed by',
  version: 'Under the policy and catalogue',
  validSeconds: 'Seconds that the approval lives',
};

/**
 * Returns a question as lines. In a step-up, what it adds to the workflow is new, and everything
 * else is the same. In a question for single calls, the calls are new, except for arguments that a
 * person has approved before. Any other question is compared with the last one of the agent, if
 * there is one; without it everything is new.
 */
export function questionLines(
  question: JsonObject,
  last?: JsonObject | undefined,
  known: readonly KnownArgument[] = [],
): readonly QuestionLine[] {
  const lines = linesOf(question);
  const { adds, calls } = question;
  if (calls !== undefined) return linesWithCalls(lines, callLines(calls), known);
  if (Array.isArray(adds)) {
    const added = adds.filter(isJsonObject);
    return lines.map(({ line, place }) => ({
      tag: added.some((one) => isAddition(one, place)) ? 'new' : 'same',
      ...line,
    }));
  }
  const before = last ? linesOf(last).map(({ line }) => line) : [];
  const current = lines.map(({ line }) => line);
  return [
    ...current.map((line) => ({ tag: has(before, line) ? 'same' : 'new', ...line }) as const),
    ...before
      .filter((line) => line.name === MAY && !has(current, line))
      .map((line) => ({ tag: 'gone', ...line }) as const),
  ];
}

/** The parties of a call are those of its workflow, so only the calls are new. */
const linesWithCalls = (
  lines: readonly Placed[],
  calls: readonly CallLine[],
  known: readonly KnownArgument[],
): readonly QuestionLine[] => [
  ...lines.map(({ line }) => ({ tag: 'same', ...line }) as const),
  ...calls.map(({ call, pointer, name, value, label }): QuestionLine => {
    const about = known.find((one) => one.call === call && one.pointer === pointer);
    const { isApproved = false, source } = about ?? {};
    const tag = isApproved ? 'same' : 'new';
    return { tag, name, value, ...(source && { source }), ...(label && { label }) };
  }),
];

const has = (lines: readonly Line[], { name, value }: Line): boolean =>
  lines.some((one) => one.name === name && one.value === value);

const MAY = 'May';
const ARGUMENT = 'Argument';

/** What a line about a grant is about. */
interface Place {
  readonly tool: Json | undefined;
  readonly dataset: Json | undefined;
  /** Absent for the line of the grant itself. */
  readonly pointer?: string;
}

interface Placed {
  readonly line: Line;
  readonly place?: Place;
}

function linesOf(question: JsonObject): readonly Placed[] {
  const { grants, adds: _, stepUp: __, calls: ___, ...rest } = question;
  const members = Object.entries(rest).flatMap(([member, value]): readonly Placed[] => {
    if (value === undefined) return [];
    const name = NAMES[member] ?? escapeHidden(member);
    if (member === 'budgets') {
      return budgetWords(value).map((words) => ({ line: { name, value: words } }));
    }
    const values = Array.isArray(value) ? value : [value];
    return values.map((one) => ({ line: { name, value: shown(one) } }));
  });
  return [...members, ...(Array.isArray(grants) ? grants.flatMap(grantLines) : [])];
}

function grantLines(grant: Json): readonly Placed[] {
  if (!isJsonObject(grant)) return [{ line: { name: MAY, value: printableJson(grant) } }];
  const { tool, action, dataset, constraints, ...rest } = grant;
  const place = { tool, dataset };
  const what = `${shown(action)} with ${shown(tool)} on ${shown(dataset)} and everything below it`;
  const others = Object.entries(rest).map(([name, value]) => ({
    line: { name: escapeHidden(name), value: shown(value) },
    place,
  }));
  return [
    { line: { name: MAY, value: what }, place },
    ...argumentLines(constraints).map(([pointer, line]) => ({
      line,
      place: { ...place, pointer },
    })),
    ...others,
  ];
}

/** The arguments that calls may have, and the limit of each. */
const argumentLines = (
  constraints: Json | undefined,
): readonly (readonly [pointer: string, Line])[] =>
  argumentWords(constraints).map(({ pointer, words }) => [
    pointer,
    {
      name: pointer === '' ? `${ARGUMENT}s` : `${ARGUMENT} ${escapeHidden(pointer)}`,
      value: words,
    },
  ]);

/** A text stands for itself; everything else is JSON. */
const shown = (value: Json | undefined): string =>
  typeof value === 'string' ? escapeHidden(value) : printableJson(value);

/** Whether an addition of a step-up is about a line. One of an unknown form is about each grant. */
function isAddition(addition: JsonObject, place: Place | undefined): boolean {
  if (!place) return false;
  const { tool, dataset, pointer } = addition;
  if (tool === undefined || dataset === undefined) return true;
  const isSame =
    canonicalJson([tool, dataset]) === canonicalJson([place.tool ?? null, place.dataset ?? null]);
  if (!isSame) return false;
  return pointer === undefined || pointer === '' || pointer === place.pointer;
}
