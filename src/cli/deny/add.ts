import * as v from 'valibot';
import { type Command, readFlags, SWITCH, showJson, TEXT, YES } from '../command.ts';
import { effectAnswer, effectLines, effectShape, readStopOrder, STOP_FLAGS } from '../effect.ts';
import { askIssuer, ISSUER_FLAGS, ISSUER_HELP } from '../issuer.ts';
import { matchesLine, matchesShape } from '../watermark/matches.ts';
import { readTime } from '../watermark/scope.ts';
import { denialEntries, readDenied, untilWords, whom } from './denied.ts';

const HELP = `hewn deny add SCOPE VALUE --reason TEXT [--until TIME] [--wait SECONDS]
              [--dry-run] [--even-unknown] [--issuer URL] [--file FILE] [--json]

Denies an agent, a subject, an owner or a tool: nothing new is minted, continued, stepped up or
approved for it, whoever asks, until TIME or until hewn deny lift. What it has is stopped with it.
Of a denied tool every verifier refuses the calls; workflows go on with their other tools. An agent
or subject is written as for hewn watermark. Denying the same again replaces its reason and its end.

  hewn deny add agent local-idp#report-agent --reason "it came back after a revocation"
  hewn deny add tool mcp/files/delete_file --until 2026-11-23T18:00:00Z --reason "a bug in the server"

${ISSUER_HELP}
Exit code: 0. 1 with --wait, where it is in the feed and a verifier has not said that it has it, or
none was heard of. 2 it could not be done.`;

const denied = { ...denialEntries, matches: matchesShape };
const answerShape = v.object({ ...denied, before: v.number(), ...effectShape.entries });
const dryShape = v.object({ ...denied, dry_run: v.literal(true) });

const FLAGS = {
  ...ISSUER_FLAGS,
  ...STOP_FLAGS,
  until: TEXT,
  'dry-run': SWITCH,
  'even-unknown': SWITCH,
  json: SWITCH,
} as const;

export const denyAdd: Command = {
  name: 'deny add',
  summary: 'mint nothing more for an agent, subject, owner or tool',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, FLAGS);
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    const scope = readDenied(positionals);
    if (!scope.ok) return scope;
    const until = readTime('--until', values.until);
    if (!until.ok) return until;
    const order = readStopOrder(values);
    if (!order.ok) return order;
    const { reason, query } = order.value;
    const body = {
      ...scope.value,
      reason,
      ...(until.value !== undefined && { until: until.value }),
      ...(values['even-unknown'] === true && { even_unknown: true }),
    };
    if (values['dry-run'] === true) {
      const dry = await askIssuer(at, values, 'denials', dryShape, { ...body, dry_run: true });
      if (!dry.ok) return dry;
      const said = `${whom(dry.value)}: not denied, this was a dry run`;
      const lines = [said, matchesLine(dry.value.matches)];
      at.out(values.json === true ? showJson(dry.value) : lines.join('\n'));
      return YES;
    }
    const added = await askIssuer(at, values, `denials${query}`, answerShape, body);
    if (!added.ok) return added;
    const lines = [
      `${whom(added.value)}: denied ${untilWords(added.value)}`,
      matchesLine(added.value.matches),
      ...effectLines(added.value),
    ];
    at.out(values.json === true ? showJson(added.value) : lines.join('\n'));
    return effectAnswer(added.value, order.value);
  },
};
