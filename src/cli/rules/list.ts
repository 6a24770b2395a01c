import { ADMIN_API, type RouteAnswer } from '../../issuer-api/index.ts';
import { defineCommand, NO, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { renderTable, showAge, showTime } from '../terminal/index.ts';

const { showRules } = ADMIN_API.rules;
type Rules = RouteAnswer<typeof showRules>;

export const rulesList = defineCommand({
  name: 'rules list',
  summary: 'list the deviation rules, and those that the breaker holds back',
  description: `Lists the deviation rules in force with what each does, in the order in which they are asked. A rule in shadow is only recorded. A rule that is held back would have stopped too many workflows at once, and stops none until hewn rules arm.

docs/reference/workflow.md says when each rule holds.`,
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn rules list', "hewn rules list --json | jq -r '.tripped[].rule'"],
  exitCodes: { 1: 'the breaker holds a rule back' },
  run: async ({ flags }, context) => {
    const shown = await callIssuer(context, flags, showRules, {});
    if (!shown.ok) return shown;
    const { rules, tripped } = shown.value;
    const heldSince = new Map(tripped.map(({ rule, at }) => [rule, at]));
    if (flags.json) context.out(showAnswer(showRules, shown.value));
    else if (rules.length === 0) context.out('no deviation rule is in force');
    else {
      const now = context.now().getTime();
      const held = (rule: Rules['rules'][number]) => heldSince.get(nameOf(rule));
      context.out(
        renderTable(
          context,
          [
            { head: 'RULE', cell: nameOf },
            { head: 'ACTION', cell: ({ action }) => action.replace('_', ' ') },
            {
              head: 'STATE',
              cell: (rule) => stateOf(rule, (at) => showTime(context, at), held(rule)),
              short: (rule) => stateOf(rule, (at) => showAge(now, at), held(rule)),
              tone: (rule) => (held(rule) === undefined ? undefined : 'bad'),
            },
          ],
          rules,
        ),
      );
      for (const { rule } of tripped)
        context.err(`To let it act again: hewn rules arm ${rule} --reason WHY`);
    }
    return tripped.length > 0 ? NO : YES;
  },
});

const nameOf = ({ id, version }: Rules['rules'][number]): string => `${id}@${version}`;

function stateOf(
  { shadow }: Rules['rules'][number],
  show: (at: number) => string,
  heldSince: number | undefined,
): string {
  if (heldSince !== undefined) return `held back since ${show(heldSince)}`;
  return shadow ? 'shadow' : 'acts';
}
