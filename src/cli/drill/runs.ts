import { ADMIN_API, type RouteAnswer } from '../../issuer-api/index.ts';
import { defineCommand, NO, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { renderTable, showTimestamp, type Tone } from '../terminal/index.ts';

const { showDrill } = ADMIN_API.drill;
type Run = RouteAnswer<typeof showDrill>['runs'][number];

export const drillRuns = defineCommand({
  name: 'drill runs',
  summary: 'show the newest runs of the scheduled drill',
  description:
    'Shows what the drill that the issuer runs by itself found, the newest run first: the canary that was stopped, how long the feed and the last verifier took, and which verifiers were late or silent. [drill] in hewn.toml schedules it.',
  flags: {
    limit: { kind: 'text', value: 'N', description: 'show N runs, at most 1440; by default 60' },
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: [
    'hewn drill runs --limit 10',
    `hewn drill runs --json | jq '.runs[] | select(.verdict != "in_time")'`,
  ],
  exitCodes: { 1: 'a run of those shown was late or failed' },
  run: async ({ flags }, context) => {
    const query = flags.limit === undefined ? {} : { limit: flags.limit };
    const shown = await callIssuer(context, flags, showDrill, { query });
    if (!shown.ok) return shown;
    const { every_seconds: every, bound_ms: bound, runs } = shown.value;
    const table = renderTable(
      context,
      [
        { head: 'AT', cell: ({ at }) => showTimestamp(context, at) },
        { head: 'FEED', cell: ({ shard }) => `feed-${shard}` },
        {
          head: 'VERDICT',
          cell: ({ verdict }) => verdict.replace('_', ' '),
          tone: ({ verdict }) => TONES[verdict],
        },
        { head: 'IN FEED', cell: ({ in_feed_ms: ms }) => inMs(ms), align: 'right' },
        { head: 'EVERYWHERE', cell: ({ ms }) => inMs(ms), align: 'right' },
        { head: 'CONFIRMED', cell: ({ confirmed }) => String(confirmed), align: 'right' },
        { head: 'LATE', cell: ({ late }) => late.join(', '), cut: 'end', tone: () => 'bad' },
        { head: 'SILENT', cell: ({ silent }) => silent.join(', '), cut: 'end' },
      ],
      runs,
    );
    if (flags.json) context.out(showAnswer(showDrill, shown.value));
    else {
      context.out(runs.length > 0 ? table : 'no drill has run');
      context.err(
        every === undefined
          ? 'no drill is scheduled: add [drill] to hewn.toml'
          : `a drill runs every ${every} s; a verifier may take ${inMs(bound)}`,
      );
    }
    return runs.some(({ verdict }) => verdict === 'late' || verdict === 'failed') ? NO : YES;
  },
});

const TONES: Readonly<Record<Run['verdict'], Tone | undefined>> = {
  in_time: 'good',
  unproven: 'waits',
  late: 'bad',
  failed: 'bad',
};

const inMs = (ms: number | undefined): string => (ms === undefined ? '' : `${ms} ms`);
