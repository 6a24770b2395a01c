import { type ObserveReport, type ReportRow, reportOf } from '../../observe/index.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { type Screen, showTime } from '../terminal/index.ts';
import { visibleLine } from '../visible.ts';
import { readObservedCalls, SINCE_FLAG } from './records.ts';

export const observeReport = defineCommand({
  name: 'observe report',
  summary: 'list what routes that observe would have denied',
  description: `Reads the decisions of routes with mode "observe" from the audit log, and lists those that would have been denied, by rule, caller and tool: how often, since when, until when, and the latest of them. The rule is the code of the denial, with the argument at fault.

Never shows a credential: a record has none. Arguments are shown as far as the sample of the call has them.`,
  flags: { ...ISSUER_FLAGS, ...SINCE_FLAG, ...JSON_FLAG },
  examples: ['hewn observe report --since 7d', 'hewn observe report --json'],
  run: async ({ flags }, context) => {
    const read = await readObservedCalls(context, flags);
    if (!read.ok) return read;
    const { calls, isCut } = read.value;
    const report = reportOf(calls);
    if (isCut) context.err(`only the first ${calls.length} calls: choose a later --since`);
    if (flags.json) context.out(showJson(report));
    else for (const line of render(context, report)) context.out(visibleLine(line));
    return YES;
  },
});

function render(
  screen: Screen,
  { calls, allowed, wouldBeDenied, stopped, rows }: ObserveReport,
): string[] {
  if (calls === 0) return ['no call was observed'];
  const head = `${calls} calls observed: ${allowed} would be allowed, ${wouldBeDenied} would be denied, ${stopped} were stopped`;
  return [head, ...rows.flatMap((row) => renderRow(screen, row))];
}

function renderRow(screen: Screen, row: ReportRow): string[] {
  const { rule, caller, tool, count, first, last, example } = row;
  const { id, datasets, args, cut, task } = example;
  const sample = args === undefined ? '(not sampled)' : JSON.stringify(args);
  const without = cut.length > 0 ? ` without ${cut.join(', ')}` : '';
  return [
    '',
    `${count} × ${rule}`,
    `  caller      ${caller}`,
    `  tool        ${tool}`,
    `  first       ${showTime(screen, first)}`,
    `  last        ${showTime(screen, last)}`,
    `  example     record ${id}${task === undefined ? '' : `, task ${JSON.stringify(task)}`}`,
    ...(datasets.length > 0 ? [`  datasets    ${datasets.join(', ')}`] : []),
    `  arguments   ${sample}${without}`,
  ];
}
