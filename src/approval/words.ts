import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { UNSEEN } from '../unseen.ts';

/**
 * A question in lines for a person. Every member has a line, also one that this version does not
 * know: what is approved is the whole, so nothing of it may stay out of sight.
 */
export function questionWords(question: JsonObject): readonly string[] {
  const { grants, rules, adds, ...rest } = question;
  const left = new Map(Object.entries(rest));
  const take = (name: string): Json | undefined => {
    const value = left.get(name);
    left.delete(name);
    return value;
  };
  const lines = [
    `agent       ${shown(take('agent'))}`,
    `for         ${shown(take('subject'))}`,
    `owner       ${shown(take('owner'))}`,
    `task        ${shown(take('task'))}`,
    `at          ${shown(take('audience'))}`,
    `workflow    ${workflowWords(take('workflow'), take('stepUp'))}`,
    `key         ${keyWords(take('holder'))}`,
    `lifetime    ${shown(take('lifetimeSeconds'))} s at most, by the policy`,
  ];
  for (const [name, value] of left) lines.push(`${plain(name).padEnd(11)} ${shown(value)}`);
  if (adds !== undefined) lines.push('more than it has', ...listOf(adds).flatMap(additionWords));
  lines.push('may');
  for (const grant of listOf(grants)) lines.push(...grantWords(grant));
  lines.push('allowed by');
  for (const rule of listOf(rules)) lines.push(`  ${shown(rule)}`);
  return lines;
}

const listOf = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value as Json];

function grantWords(grant: Json): readonly string[] {
  if (!isJsonObject(grant)) return [`  ${shown(grant)}`];
  const { tool, action, dataset, constraints, ...rest } = grant;
  return [
    `  ${shown(action)} with ${shown(tool)} on ${shown(dataset)} and all below it`,
    constraints === undefined
      ? '    with any arguments that the catalogue lists'
      : `    with arguments only as ${shown(constraints)}`,
    ...Object.entries(rest).map(([name, value]) => `    ${plain(name)} ${shown(value)}`),
  ];
}

/** One line for each addition; one of another form is shown as it is. */
function additionWords(addition: Json): readonly string[] {
  if (!isJsonObject(addition)) return [`  ${shown(addition)}`];
  const { tool, action, dataset, pointer, values, allowed, was, now, ...rest } = addition;
  const at = `${shown(tool)} on ${shown(dataset)}`;
  if (Object.keys(rest).length > 0 || tool === undefined || dataset === undefined) {
    return [`  ${shown(addition)}`];
  }
  if (action !== undefined && Object.keys(addition).length === 3) {
    return [`  ${shown(action)} with ${at} is new`];
  }
  const place = `  ${at}: ${pointer === '' ? 'all arguments' : shown(pointer)}`;
  if (Array.isArray(values) && Array.isArray(allowed)) {
    const each = (list: readonly Json[]) => list.map(shown).join(', ');
    const [value, beside] = [values, allowed].map((list) =>
      list.length === 1 ? 'value' : 'values',
    );
    return [`${place} adds the ${value} ${each(values)} to the allowed ${beside} ${each(allowed)}`];
  }
  const said = (constraint: Json | undefined) =>
    constraint === null ? 'no constraint' : shown(constraint);
  return was === undefined || now === undefined
    ? [`  ${shown(addition)}`]
    : [`${place} had ${said(was)} and gets ${said(now)}`];
}

function workflowWords(workflow: Json | undefined, stepUp: Json | undefined): string {
  if (workflow === undefined) return `a new one${stepUp === undefined ? '' : `, ${shown(stepUp)}`}`;
  return stepUp === undefined
    ? `continues ${shown(workflow)}`
    : `continues ${shown(workflow)}, with more than it has (step-up ${shown(stepUp)})`;
}

const keyWords = (holder: Json | undefined): string =>
  holder === undefined ? 'none: whoever has the token can use it' : `bound to ${shown(holder)}`;

/**
 * A stranger's value on a person's screen, as JSON. What a terminal obeys, and what hides or turns
 * around the text beside it (bidirectional and invisible signs), is written as its number.
 */
export const shown = (value: Json | undefined): string =>
  value === undefined ? '(not said)' : plain(JSON.stringify(value));

// A wide or a thin space looks like another, or like none.
const HIDDEN = new RegExp(`[\\p{C}\\p{Zl}\\p{Zp}\\p{DI}]|[^\\S ]|${UNSEEN.source}`, 'gu');

const plain = (text: string): string =>
  text.replace(HIDDEN, (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`);
