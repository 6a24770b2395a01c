import { RULE_DESCRIPTIONS, RULES, STEPS } from '../../src/lifecycle/index.ts';
import { markdownTable } from './table.ts';

const code = (text: string): string => `\`${text}\``;

/** Renders every transition of a workflow: from, move, to, and who may make it. */
export function renderTransitions(): string {
  const rows = STEPS.map(({ from, move, to, by }) => [
    ...[from, move, to].map(code),
    by.map(code).join(', '),
  ]);
  return markdownTable(['from', 'move', 'to', 'by'], rows);
}

/** Renders the deviation rules in the order in which they are evaluated. */
export function renderRules(): string {
  const rows = RULES.map(({ id, action }) => [
    code(id),
    RULE_DESCRIPTIONS.get(id) ?? '',
    code(action),
  ]);
  return markdownTable(['rule', 'condition', 'action'], rows);
}
