import * as v from 'valibot';
import { ADMIN_API, isSafeUrl } from '../../issuer-api/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type CommandContext, defineCommand, showAnswer, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import { callAs, issuerOf } from '../issuer.ts';
import { type SignedIn, signInWithBrowser } from './code-flow.ts';
import { signInWithDevice } from './device-flow.ts';
import { chooseProvider, describeFailure, discoverEndpoints, postJson } from './provider.ts';
import { keepSession, type Session } from './session-file.ts';
import { operatorFacts } from './whoami.ts';

export const SIGN_IN_FLAGS = {
  issuer: {
    kind: 'text',
    value: 'URL',
    description: 'the issuer; by default HEWN_ISSUER, or that of hewn dev in this folder',
  },
} as const;

export const loginCommand = defineCommand({
  name: 'login',
  summary: 'sign in at an issuer as yourself',
  description: `Signs you in at the identity provider of your issuer, and keeps the session in ~/.config/hewn/sessions.json, which only you can read. From then on, every command that calls this issuer acts as you: with your roles, and with your name in the audit log. The session ends by itself.

Opens a browser on this machine. With --device, shows a code to enter in a browser anywhere, for a machine without one. HEWN_OPERATOR and --file take precedence over a session.`,
  flags: {
    ...SIGN_IN_FLAGS,
    provider: {
      kind: 'text',
      value: 'NAME',
      description: 'the provider of [operators] in hewn.toml, if there are several',
    },
    device: { kind: 'switch', description: 'show a code to enter in a browser anywhere' },
    ...JSON_FLAG,
  },
  examples: ['hewn login', 'hewn login --issuer https://issuer.example --device'],
  run: async ({ flags }, context) => {
    const issuer = await issuerOf(context, { issuer: flags.issuer, file: undefined });
    if (!isSafeUrl(issuer)) return refuse(`refusing to sign in at a non-HTTPS URL: ${issuer}`);
    const provider = await chooseProvider(context, issuer, flags.provider);
    if (!provider.ok) return provider;
    const endpoints = await discoverEndpoints(context, provider.value);
    if (!endpoints.ok) return endpoints;
    const signIn = flags.device ? signInWithDevice : signInWithBrowser;
    const signedIn = await signIn(context, provider.value, endpoints.value);
    if (!signedIn.ok) return signedIn;
    const opened = await openSession(context, issuer, provider.value.name, signedIn.value);
    if (!opened.ok) return opened;
    const { showSession } = ADMIN_API.session;
    const shown = await callAs(context, issuer, opened.value.token, showSession, {});
    if (!shown.ok) return shown;
    const session: Session = { ...opened.value, name: shown.value.name };
    const kept = await keepSession(context, issuer, session);
    if (!kept.ok) return kept;
    const lines = [`signed in at ${issuer}`, ...operatorFacts(context, shown.value)];
    context.out(flags.json ? showAnswer(showSession, shown.value) : lines.join('\n'));
    return YES;
  },
});

const sessionOpened = v.object({ token: v.string(), ends_at: v.number() });

/** Exchanges the ID token for a session of the issuer. */
async function openSession(
  context: CommandContext,
  issuer: string,
  provider: string,
  { idToken, nonceVerifier }: SignedIn,
): Promise<Result<Pick<Session, 'token' | 'ends'>, string>> {
  const answer = await postJson(context, `${issuer}/admin/v1/session`, {
    provider,
    id_token: idToken,
    ...(nonceVerifier !== undefined && { nonce_verifier: nonceVerifier }),
  });
  if (!answer.ok) return answer;
  const read = v.safeParse(sessionOpened, answer.value.body);
  if (answer.value.status === 200 && read.success) {
    return ok({ token: read.output.token, ends: read.output.ends_at });
  }
  const { code, words } = describeIssuerProblem(answer.value.body) ?? describeFailure(answer.value);
  return refuse(
    code === 'no_role'
      ? 'you have no role at this issuer: its [[operators.roles]] name who has one'
      : words,
  );
}

const problemBody = v.object({ error: v.string(), message: v.string() });

function describeIssuerProblem(body: unknown): { code: string; words: string } | undefined {
  const read = v.safeParse(problemBody, body);
  return read.success ? { code: read.output.error, words: read.output.message } : undefined;
}
