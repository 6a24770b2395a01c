import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { escapeHidden } from '../escape-hidden.ts';
import { callLines } from './call-lines.ts';
import { printableJson } from './printable-json.ts';

/**
 * Describes a question in lines for a person. Every member has a line, even one that this version
 * does not know: the person approves the whole question, so no part of it may stay out of sight.
 */
export function describeQuestion(question: JsonObject): readonly string[] {
  const { grants, rules, adds, calls, ...rest } = question;
  if (calls !== undefined) return describeCalls(question);
  const remaining = new Map(Object.entries(rest));
  const take = (name: string): Json | undefined => {
    const value = remaining.get(name);
    remaining.delete(name);
    return value;
  };
  const lines = [
    `agent       ${printableJson(take('agent'))}`,
    `for         ${printableJson(take('subject'))}`,
    `owner       ${printableJson(take('owner'))}`,
    `task        ${printableJson(take('task'))}`,
    `at          ${printableJson(take('audience'))}`,
    `workflow    ${describeWorkflow(take('workflow'), take('stepUp'))}`,
    `key         ${describeKey(take('holder'))}`,
    `lifetime    at most ${printableJson(take('lifetimeSeconds'))} s, by the policy`,
  ];
  for (const [name, value] of remaining) {
    lines.push(memberLine(name, value));
  }
  if (adds !== undefined) lines.push(...describeAdditions(adds));
  lines.push('may', ...listOf(grants).flatMap(describeGrant));
  lines.push('allowed by', ...listOf(rules).map((rule) => `  ${printableJson(rule)}`));
  return lines;
}

/** Describes a question for single calls: what it is about, then each call with its arguments. */
const describeCalls = ({ calls, ...rest }: JsonObject): readonly string[] => [
  ...Object.entries(rest).map(([name, value]) => memberLine(name, value)),
  'may make, once',
  ...callLines(calls ?? null).map(
    ({ name, value, label }) => `  ${name}${label === undefined ? '' : ` (${label})`}: ${value}`,
  ),
];

const memberLine = (name: string, value: Json | undefined): string =>
  `${escapeHidden(name).padEnd(11)} ${printableJson(value)}`;

/** Describes what a step-up adds to the workflow: a title, and a line for each addition. */
export const describeAdditions = (adds: Json): readonly string[] => [
  'adds to the workflow',
  ...listOf(adds).map(describeAddition),
];

const listOf = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value as Json];

function describeWorkflow(workflow: Json | undefined, stepUp: Json | undefined): string {
  if (workflow === undefined) {
    return stepUp === undefined ? 'a new one' : `a new one, ${printableJson(stepUp)}`;
  }
  return stepUp === undefined
    ? `continues ${printableJson(workflow)}`
    : `continues ${printableJson(workflow)}, with more than it has (step-up ${printableJson(stepUp)})`;
}

const describeKey = (holder: Json | undefined): string =>
  holder === undefined
    ? 'none: anyone who has the token can use it'
    : `bound to ${printableJson(holder)}`;

function describeGrant(grant: Json): readonly string[] {
  if (!isJsonObject(grant)) return [`  ${printableJson(grant)}`];
  const { tool, action, dataset, constraints, ...rest } = grant;
  return [
    `  ${printableJson(action)} with ${printableJson(tool)} on ${printableJson(dataset)} and everything below it`,
    constraints === undefined
      ? '    with any arguments that the catalogue lists'
      : `    with arguments only as ${printableJson(constraints)}`,
    ...Object.entries(rest).map(
      ([name, value]) => `    ${escapeHidden(name)} ${printableJson(value)}`,
    ),
  ];
}

/** Describes an addition in one line. An addition of an unknown form is printed as JSON. */
function describeAddition(addition: Json): string {
  const asJson = `  ${printableJson(addition)}`;
  if (!isJsonObject(addition)) return asJson;
  const { tool, action, dataset, pointer, values, allowed, was, now, ...rest } = addition;
  if (Object.keys(rest).length > 0 || tool === undefined || dataset === undefined) return asJson;
  const target = `${printableJson(tool)} on ${printableJson(dataset)}`;
  if (action !== undefined && Object.keys(addition).length === 3) {
    return `  ${printableJson(action)} with ${target} is new`;
  }
  const place = `  ${target}: ${pointer === '' ? 'all arguments' : printableJson(pointer)}`;
  if (Array.isArray(values) && Array.isArray(allowed)) {
    return `${place} adds the ${valueList(values)} to the allowed ${valueList(allowed)}`;
  }
  if (was === undefined || now === undefined) return asJson;
  return `${place} had ${describeConstraint(was)} and gets ${describeConstraint(now)}`;
}

const valueList = (values: readonly Json[]): string =>
  `${values.length === 1 ? 'value' : 'values'} ${values.map(printableJson).join(', ')}`;

const describeConstraint = (constraint: Json): string =>
  constraint === null ? 'no constraint' : printableJson(constraint);
