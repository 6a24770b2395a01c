import { ADMIN_API } from '../../issuer-api/index.ts';
import { defineCommand, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { renderFacts, showSeconds } from '../terminal/index.ts';

export const approvalsSuggest = defineCommand({
  name: 'approvals suggest',
  summary: 'list what one person approves again and again, as lines of a policy',
  description:
    'Lists destinations that one person has approved at least three times within thirty days, for one agent and tool, with a line of a policy that would ask no more. Nothing changes by it. The value is known while a question with it is stored: for an hour after its end.',
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: [
    'hewn approvals suggest',
    "hewn approvals suggest --json | jq -r '.suggestions[].line'",
  ],
  run: async ({ flags }, context) => {
    const { listSuggestions } = ADMIN_API.approvals;
    const listed = await callIssuer(context, flags, listSuggestions, {});
    if (!listed.ok) return listed;
    const { suggestions } = listed.value;
    if (flags.json) context.out(showAnswer(listSuggestions, { suggestions }));
    else if (suggestions.length === 0) context.out('No one has approved the same three times.');
    for (const { agent, tool, pointer, by, count, last, value, line } of flags.json
      ? []
      : suggestions) {
      const facts = [
        { name: 'agent', value: agent },
        { name: 'tool', value: tool },
        { name: 'argument', value: value === undefined ? pointer : `${pointer} ${value}` },
        { name: 'approved', value: `${count} times by ${by}, last ${showSeconds(context, last)}` },
        { name: 'line', value: line },
      ];
      context.out(renderFacts(context, facts).join('\n'));
    }
    return YES;
  },
});
