import { setTimeout } from 'node:timers/promises';
import type { ExportedRecord } from '../../audit/export/index.ts';
import { type Answer, type CommandContext, defineCommand, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import type { IssuerFlags } from '../issuer.ts';
import { readCount } from './count.ts';
import { FILTER_FLAGS, isFiltered, readFilters } from './filters.ts';
import { type SearchQuery, searchPage, searchPages } from './pages.ts';
import { lineOf } from './show.ts';

const LAST_DEFAULT = 20;
const LAST_MAX = 1_000;
const POLL_MILLISECONDS = 1_000;
/** An issuer that restarts is back by then. */
const FAILURES_MAX = 30;

export const auditTail = defineCommand({
  name: 'audit tail',
  summary: 'print the newest records of the audit logs, and follow them',
  description:
    'Prints the newest records of all logs, oldest first, one in a line. With --follow, also prints what is recorded from now on, until it is interrupted. The filters apply to both, and are applied to the newest thousand records of each log.',
  flags: {
    last: {
      kind: 'text',
      value: 'COUNT',
      description: `how many of the newest records: 0 to ${LAST_MAX}; by default ${LAST_DEFAULT}`,
    },
    follow: { kind: 'switch', description: 'wait for further records' },
    ...FILTER_FLAGS,
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: ['hewn audit tail --follow', 'hewn audit tail --event revocation --last 100'],
  run: async ({ flags }, context) => {
    const query = readFilters(flags, context.now());
    if (!query.ok) return query;
    const last = readCount('last', flags.last, { default: LAST_DEFAULT, max: LAST_MAX });
    if (!last.ok) return last;
    const show = (one: ExportedRecord): string =>
      flags.json ? JSON.stringify(one) : lineOf(context, one);
    let newest: readonly ExportedRecord[] = [];
    let after = '';
    // A filter may leave few of them, so it looks at more.
    const window = {
      ...query.value,
      last: String(isFiltered(query.value) ? LAST_MAX : last.value || 1),
    };
    const pages = searchPages(context, flags, window, (next) => {
      after = next;
    });
    for await (const page of pages) {
      if (!page.ok) return page;
      newest = [...newest, ...page.value].slice(-LAST_MAX);
    }
    for (const one of last.value === 0 ? [] : newest.slice(-last.value)) context.out(show(one));
    if (!flags.follow) return YES;
    return follow(context, flags, { ...query.value, after }, (one) => context.out(show(one)));
  },
});

/** Reads on until the issuer does not answer for a while. */
async function follow(
  context: CommandContext,
  flags: IssuerFlags,
  query: SearchQuery,
  onRecord: (record: ExportedRecord) => void,
): Promise<Answer> {
  const { sleep = setTimeout } = context;
  let after = query.after;
  let failures = 0;
  while (context.outClosed?.aborted !== true) {
    const page = await searchPage(context, flags, {
      ...query,
      ...(after !== undefined && { after }),
    });
    failures = page.ok ? 0 : failures + 1;
    if (!page.ok && failures === FAILURES_MAX) return page;
    if (page.ok) {
      page.value.records.forEach(onRecord);
      after = page.value.next;
    }
    if (!page.ok || page.value.end) await sleep(POLL_MILLISECONDS);
  }
  return YES;
}
