/** Credentials of a request to a guarded handler: the token is accepted, and no similar text. */
import { isDeepStrictEqual } from 'node:util';
import { ok } from '../../../src/result.ts';
import { type Denial, guard, readCredentials } from '../../../src/verifier/index.ts';
import { CALL, verifierWith } from '../../unit/fixtures/feed.ts';
import { mintToken, narrowed, opened } from '../../unit/fixtures/issuer.ts';
import type { Random } from '../generate/random.ts';
import { claim, type ParserCampaign, type Reached } from './campaign.ts';
import { claimSilent } from './secret.ts';
import { mutateText } from './text.ts';

const TOKEN = mintToken();
const NARROWED = await narrowed(TOKEN, { tool: CALL.tool });
const TOKENS = [TOKEN, NARROWED] as const;
const IDS = await Promise.all(TOKENS.map(async (token) => (await opened(token)).revocationIds));

let handled = 0;
const guarded = guard({
  verifier: verifierWith(),
  describe: async () => ok(CALL),
  handle: async () => {
    handled++;
    return new Response('ok');
  },
});

/** Header values are bytes: other characters cannot be sent. */
const sendable = (text: string): string => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '_');

function someHeaders(random: Random, token: string): readonly (readonly [string, string])[] {
  const scheme = random.pick(['Bearer', 'bearer', 'DPoP', 'Basic', 'BEARER', 'Bearer ', '']);
  const unmodified = `${scheme} ${token}`;
  const value = random.chance(0.7) ? mutateText(random, unmodified) : unmodified;
  return [
    ['authorization', sendable(value)],
    ...(random.chance(0.1) ? [['authorization', unmodified] as const] : []),
    ...(random.chance(0.15) ? [['dpop', sendable(mutateText(random, token))] as const] : []),
  ];
}

const outcomes: Partial<Record<'ok' | Denial['code'], Reached>> = {
  ok: 'seen',
  token_missing: 'seen',
  token_malformed: 'seen',
  token_too_large: 'rare',
  signature_invalid: 'seen',
  proof_missing: 'seen',
  proof_invalid: 'seen',
  caveat_failed: 'rare',
};

export const credentials: ParserCampaign = {
  name: 'credentials',
  outcomes: outcomes as Record<string, Reached>,
  cases: 2_500,
  attempt: async (random) => {
    const token = random.pick(TOKENS);
    const headers = new Headers();
    for (const [name, value] of someHeaders(random, token)) headers.append(name, value);
    const request = () => new Request('https://crm.example/search?access_token=x', { headers });
    const read = readCredentials(request());
    const sent = headers.get('authorization') ?? '';
    claim(
      read.token === '' || sent.endsWith(read.token),
      'the token is not the one that was sent',
      { sent },
    );
    claim(!read.token.startsWith(' '), 'the token begins with a space', { sent });
    claim(
      read.token === '' || /^(bearer|dpop) /i.test(sent),
      'a token of another scheme is accepted',
      {
        sent,
      },
    );
    const isDpop = /^dpop /i.test(sent) && read.token !== '';
    claim(!isDpop || read.proof?.scheme === 'DPoP', 'DPoP is read as a weaker scheme', { sent });
    claim(read.proof !== undefined || !headers.has('dpop'), 'a proof is ignored', { sent });
    handled = 0;
    const response = await guarded(request());
    const text = await response.text();
    const challenge = response.headers.get('www-authenticate') ?? '';
    if (response.status === 200) {
      claim(handled === 1, 'a request is answered without its handler');
      // Unsigned fields of the envelope may differ (docs/reference/biscuit.md). Revocation ids may
      // not.
      const { revocationIds } = await opened(read.token);
      const isOurs = IDS.some((ids) => isDeepStrictEqual(ids, revocationIds));
      claim(isOurs, 'another token is accepted', { sent });
      return 'ok';
    }
    claim(handled === 0, 'the handler runs for a denied request', { sent });
    claimSilent(text, token);
    claimSilent(challenge, token);
    const { code } = JSON.parse(text) as { code: string };
    return code;
  },
};
