import { setTimeout } from 'node:timers/promises';
import * as v from 'valibot';
import { isSafeUrl } from '../../issuer-api/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { CommandContext } from '../command.ts';
import { visibleLine } from '../visible.ts';
import type { SignedIn } from './code-flow.ts';
import {
  describeFailure,
  type Endpoints,
  type Provider,
  postForm,
  readIdToken,
} from './provider.ts';

const seconds = v.pipe(v.number(), v.minValue(0), v.maxValue(86_400));
const begun = v.object({
  device_code: v.string(),
  user_code: v.string(),
  verification_uri: v.pipe(v.string(), v.check(isSafeUrl)),
  expires_in: seconds,
  interval: v.optional(seconds, 5),
});

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const SLOWER_SECONDS = 5; // RFC 8628 section 3.5: what `slow_down` adds.
const WAIT_SECONDS_MAX = 900;

/**
 * Signs in with a browser on another machine: this one shows a code, and asks until the person has
 * entered it there (RFC 8628).
 */
export async function signInWithDevice(
  context: CommandContext,
  provider: Provider,
  endpoints: Endpoints,
): Promise<Result<SignedIn, string>> {
  if (endpoints.device === undefined) {
    return refuse('the provider has no device flow: run hewn login without --device');
  }
  const { client_id, scopes } = provider;
  const asked = await postForm(context, endpoints.device, { client_id, scope: scopes.join(' ') });
  if (!asked.ok) return asked;
  const read = v.safeParse(begun, asked.value.body);
  if (asked.value.status !== 200 || !read.success) {
    return refuse(`the provider refused: ${describeFailure(asked.value).words}`);
  }
  const { device_code, user_code, verification_uri, expires_in } = read.output;
  context.err(`Open ${visibleLine(verification_uri)} in any browser, and enter this code:`);
  context.err(`  ${visibleLine(user_code)}`);
  const { sleep = setTimeout } = context;
  const until = context.now().getTime() + Math.min(expires_in, WAIT_SECONDS_MAX) * 1000;
  let { interval } = read.output;
  while (context.now().getTime() < until) {
    await sleep(Math.max(1, interval) * 1000);
    context.progress?.('waiting for the browser …');
    const polled = await postForm(context, endpoints.token, {
      grant_type: GRANT,
      device_code,
      client_id,
    });
    // The network may fail for a moment while the person signs in.
    if (!polled.ok) continue;
    const { code } = describeFailure(polled.value);
    if (code === 'authorization_pending') continue;
    if (code === 'slow_down') interval += SLOWER_SECONDS;
    else {
      const idToken = readIdToken(polled.value);
      return idToken.ok ? ok({ idToken: idToken.value }) : idToken;
    }
  }
  return refuse('the code expired before someone signed in with it');
}
