import { readSeconds } from '../../../src/clock.ts';
import { ADMIN_API, type Refusal, type SentPasskeyAnswer } from '../../../src/issuer-api/index.ts';
import {
  confirmationChallenge,
  registrationChallenge,
  verifyNewPasskey,
  verifyPasskey,
} from '../../../src/passkey/index.ts';
import { report } from '../../../src/report.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { AdminContext } from '../platform/admin-context.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import { readConfig } from '../platform/config.ts';
import { type IssuerEnv, operators } from '../platform/env.ts';
import { notForYourRole } from './scope.ts';

export const passkeyRoutes = bindAdmin(ADMIN_API.passkeys, {
  listPasskeys: async (_input, context) => {
    const { env } = context;
    const all = await operators(env).passkeys();
    const challenge = await challengeFor(context);
    return ok({
      passkeys: all.map(({ id, name, label, at, used }) => ({
        id,
        name,
        label,
        at,
        ...(used !== undefined && { last_used: used }),
      })),
      required: readConfig(env).directory?.passkeys === true,
      ...(challenge !== undefined && { challenge }),
    });
  },

  addPasskey: async ({ body }, context) => {
    const { env, operator } = context;
    const challenge = await challengeFor(context);
    if (challenge === undefined) return notForYourRole(operator, 'approve', {});
    const origin = originOf(env);
    const { client_data: clientData, authenticator_data: authenticatorData } = body;
    const { id, label, algorithm, public_key: publicKey, confirmed_by: confirmation } = body;
    const own = (await operators(env).passkeys()).some(({ name }) => name === operator.name);
    if (own) {
      // A session that was stolen could add a key of its own, and approve with that.
      const confirmed = await usePasskey(
        env,
        operator.name,
        confirmation,
        await confirmationChallenge(challenge, id),
      );
      if (!confirmed.ok) return confirmed;
    }
    const made = { id, clientData, authenticatorData, algorithm, publicKey };
    const verified = await verifyNewPasskey(made, { challenge, origin });
    if (!verified.ok) return refused(verified.error.code);
    const passkey = { ...verified.value, name: operator.name, label, at: readSeconds() };
    const added = await operators(env).addPasskey(passkey, operator.source);
    return added.ok ? ok({ id, count: added.value }) : added;
  },

  removePasskey: async ({ params: { id }, body: { reason } }, { env, operator }) => {
    const passkey = (await operators(env).passkeys()).find((each) => each.id === id);
    if (!passkey) return refuse({ code: 'passkey_unknown' });
    // Without one, the next is taken as the session vouches for it: no session does both.
    if (passkey.name === operator.name) return refuse({ code: 'same_person' });
    const act = { by: operator.name, source: operator.source, reason };
    await operators(env).removePasskey(id, act);
    return ok(undefined);
  },
});

/** Only people have passkeys. What they sign is bound to their session, which no page can read. */
async function challengeFor({ operator, session }: AdminContext): Promise<string | undefined> {
  if (operator.person === undefined) return undefined;
  return registrationChallenge(operator.name, session ?? `access ${operator.endsAt ?? 0}`);
}

const originOf = (env: IssuerEnv): string => new URL(readConfig(env).issuer).origin;

/** Verifies the answer of a passkey of this person, and uses it up. */
export async function usePasskey(
  env: IssuerEnv,
  person: string,
  answer: SentPasskeyAnswer | undefined,
  challenge: string,
): Promise<Result<{ readonly id: string }, Refusal<'passkey_refused'>>> {
  const all = await operators(env).passkeys();
  const passkey = all.find(({ id, name }) => id === answer?.id && name === person);
  if (!answer || !passkey) return refused('unknown');
  const { id, client_data: clientData, authenticator_data: authenticatorData, signature } = answer;
  const sent = { id, clientData, authenticatorData, signature };
  const verified = await verifyPasskey(sent, passkey, { challenge, origin: originOf(env) });
  if (!verified.ok) return refused(verified.error.code);
  const isUsed = await operators(env).usePasskey(id, verified.value.counter);
  return isUsed ? ok({ id }) : refused('counter');
}

function refused(why: string): Result<never, Refusal<'passkey_refused'>> {
  report('operator.passkey_refused', { why });
  return refuse({ code: 'passkey_refused' });
}
