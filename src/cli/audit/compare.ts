import { ADMIN_API, type RouteAnswer } from '../../issuer-api/index.ts';
import type { Result } from '../../result.ts';
import { defineCommand, NO, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { visibleLine } from '../visible.ts';

const { compareActivity, rebuildActivity } = ADMIN_API.activity;
type Part = RouteAnswer<typeof compareActivity>;

export const auditCompare = defineCommand({
  name: 'audit compare',
  summary: 'compare the index of workflows with the audit logs',
  description: `Reads the records of each workflow that the index lists from the logs again, and compares its state, calls, denials and mints. Then checks that the index has every workflow that lives. Prints each difference.

The index decides nothing. If it differs, --rebuild builds it again from the logs. Lists of workflows are incomplete until the issuer has read them.`,
  flags: {
    rebuild: { kind: 'switch', description: 'if they differ, build the index again' },
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  exitCodes: { 1: 'the index and the logs differ, or differed before --rebuild' },
  examples: ['hewn audit compare', 'hewn audit compare --rebuild', 'hewn audit compare --json'],
  run: async ({ flags }, context) => {
    const differing: Part['differing'][number][] = [];
    let checked = 0;
    let after: string | undefined;
    do {
      context.progress?.(`${checked} workflows`);
      const query = after === undefined ? {} : { after };
      const part: Result<Part, string> = await callIssuer(context, flags, compareActivity, {
        query,
      });
      if (!part.ok) return part;
      // The second half lists the workflows that live, which were counted before.
      if (!after?.startsWith('living:')) checked += part.value.checked;
      differing.push(...part.value.differing);
      after = part.value.next;
    } while (after !== undefined);
    if (flags.json) context.out(showJson({ checked, differing }));
    else {
      for (const { id, what, index = '-', logs = '-' } of differing) {
        context.out(visibleLine(`${id}  ${what}  index ${index}  logs ${logs}`));
      }
      context.out(`${checked} workflows compared, ${differing.length} differences`);
    }
    if (differing.length === 0) return YES;
    if (flags.rebuild) {
      const rebuilt = await callIssuer(context, flags, rebuildActivity, {});
      if (!rebuilt.ok) return rebuilt;
      context.err('the index is built again: lists are incomplete until the logs are read');
    }
    return NO;
  },
});
