import { ADMIN_API, type RouteAnswer } from '../../issuer-api/index.ts';
import { defineCommand, NO, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { renderTable, showAge, showTimestamp, type Tone } from '../terminal/index.ts';

const { showHealth } = ADMIN_API.health;
type Health = RouteAnswer<typeof showHealth>;
type Verifier = Health['verifiers'][number];

export const verifiersList = defineCommand({
  name: 'verifiers list',
  summary: 'list the verifiers that reported, and which of them lack a stop',
  description:
    'Lists the verifiers that the issuer has heard from, those with a fault first: the server that each guards, its position in the feed, its release, when it was seen, and why its last attempt to read the feed failed. A verifier that never reported is not listed. hewn doctor examines everything else.',
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: [
    'hewn verifiers list',
    `hewn verifiers list --json | jq '.verifiers[] | select(.state != "current") | .name'`,
  ],
  exitCodes: {
    0: 'every verifier that is listed has the newest entry',
    1: 'a verifier is behind or silent, or none has reported',
  },
  run: async ({ flags }, context) => {
    const shown = await callIssuer(context, flags, showHealth, {});
    if (!shown.ok) return shown;
    const { verifiers, verifiers_seen: seen, verifiers_current: current } = shown.value;
    const table = renderTable(
      context,
      [
        { head: 'VERIFIER', cell: ({ name }) => name },
        { head: 'GUARDS', cell: ({ audience = '' }) => audience, cut: 'middle' },
        { head: 'STATE', cell: stateOf, tone: ({ state }) => TONES[state] },
        { head: 'AT', cell: ({ shard, epoch, seq }) => `feed-${shard} ${epoch}.${seq}` },
        {
          head: 'SEEN',
          cell: ({ seen_at: at }) => showTimestamp(context, at),
          short: ({ seen_at: at }) => showAge(context.now().getTime(), Date.parse(at)),
        },
        { head: 'RELEASE', cell: ({ version = '' }) => version, isOptional: true },
        { head: 'ERROR', cell: ({ error = '' }) => error, cut: 'end', tone: () => 'bad' },
      ],
      verifiers,
    );
    if (flags.json) context.out(showAnswer(showHealth, shown.value));
    else {
      if (verifiers.length > 0) context.out(table);
      context.out(
        seen === 0
          ? 'no verifier has reported within five minutes. One reports while it judges calls'
          : `${current} of ${seen} verifiers heard from within five minutes are current`,
      );
    }
    const isEverywhere =
      verifiers.length > 0 && verifiers.every(({ state }) => state === 'current');
    return isEverywhere ? YES : NO;
  },
});

const TONES: Readonly<Record<Verifier['state'], Tone | undefined>> = {
  current: undefined,
  behind: 'waits',
  silent: 'bad',
};

const stateOf = ({ state, behind }: Verifier): string =>
  state === 'behind' && behind !== null ? `lacks ${behind}` : state;
