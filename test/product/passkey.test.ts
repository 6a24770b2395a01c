import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { CDPSession } from 'playwright-core';
import { expect, test } from 'vitest';
import {
  approvalChallenge,
  confirmationChallenge,
  registrationChallenge,
  verifyNewPasskey,
  verifyPasskey,
} from '../../src/passkey/index.ts';
import { launchChromium, pageOf, servePage } from './browser.ts';

/** The part of the console that asks the browser for passkeys, as a page of its own. */
async function bundleConsolePart(): Promise<string> {
  const bundle = await build({
    stdin: {
      contents: `import { addPasskey, askForPasskey } from './src/console/approvals/passkey.ts';
        Object.assign(globalThis, { addPasskey, askForPasskey });`,
      resolveDir: fileURLToPath(new URL('../..', import.meta.url).href),
    },
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    write: false,
  });
  return bundle.outputFiles[0]?.text ?? '';
}

/** Chromium's virtual authenticator: it verifies its person, or says that it did not. */
async function addAuthenticator(cdp: CDPSession, isUserVerified: boolean): Promise<string> {
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified,
      automaticPresenceSimulation: true,
    },
  });
  return authenticatorId;
}

interface Added {
  readonly id: string;
  readonly client_data: string;
  readonly authenticator_data: string;
  readonly algorithm: -7 | -8 | -257;
  readonly public_key: string;
  readonly confirmed_by?: Answered;
}

interface Answered {
  readonly id: string;
  readonly client_data: string;
  readonly authenticator_data: string;
  readonly signature: string;
}

const answerOf = ({ id, client_data, authenticator_data, signature }: Answered) => ({
  id,
  clientData: client_data,
  authenticatorData: authenticator_data,
  signature,
});

test('a passkey of Chromium is added and approves what the console shows', async ({ skip }) => {
  const browser = await launchChromium(skip);
  const page = await servePage(pageOf(await bundleConsolePart()));
  const { origin } = new URL(page.url);
  try {
    const tab = await browser.newPage();
    const sent: Added[] = [];
    await tab.route('**/admin/v1/passkeys', async (route) => {
      sent.push(route.request().postDataJSON() as Added);
      await route.fulfill({ status: 201, json: { id: 'x', count: 1 } });
    });
    await tab.goto(page.url);
    const cdp = await tab.context().newCDPSession(tab);
    await cdp.send('WebAuthn.enable');
    const authenticator = await addAuthenticator(cdp, true);
    const call = (name: string, ...args: readonly unknown[]) =>
      tab.evaluate(
        ([named, given]) =>
          (globalThis as unknown as Record<string, (...all: unknown[]) => unknown>)[named]?.(
            ...given,
          ),
        [name, args] as const,
      );

    const challenge = await registrationChallenge('corp#ann', 'session');
    const made = { challenge, name: 'corp#ann', label: 'laptop', own: [] };
    expect(await call('addPasskey', made)).toBeUndefined();
    const [first] = sent;
    if (!first) throw new Error('nothing was sent');
    const passkey = await verifyNewPasskey(
      {
        id: first.id,
        clientData: first.client_data,
        authenticatorData: first.authenticator_data,
        algorithm: first.algorithm,
        publicKey: first.public_key,
      },
      { challenge, origin },
    );
    if (!passkey.ok) throw new Error(passkey.error.code);

    const approval = { id: `apr_${'a'.repeat(43)}`, digest: 'ab'.repeat(32), until: 1_795_431_600 };
    const asked = await approvalChallenge(approval);
    const answered = (await call('askForPasskey', asked, [first.id])) as {
      value: Answered;
    };
    const expected = { challenge: asked, origin };
    const verified = await verifyPasskey(answerOf(answered.value), passkey.value, expected);
    expect(verified).toMatchObject({ ok: true });
    // The counter of this authenticator rises, so the same answer counts once.
    const used = { ...passkey.value, counter: verified.ok ? verified.value.counter : 0 };
    expect(await verifyPasskey(answerOf(answered.value), used, expected)).toEqual({
      ok: false,
      error: { code: 'counter' },
    });

    // A person with a passkey confirms the next one with it.
    await cdp.send('WebAuthn.setUserVerified', {
      authenticatorId: authenticator,
      isUserVerified: true,
    });
    const second = { ...made, challenge: await registrationChallenge('corp#bob', 'session') };
    expect(await call('addPasskey', { ...second, name: 'corp#bob', own: [] })).toBeUndefined();
    expect(sent).toHaveLength(2);
    const confirmation = await confirmationChallenge(second.challenge, sent[1]?.id ?? '');
    const confirmed = (await call('askForPasskey', confirmation, [first.id])) as {
      value: Answered;
    };
    expect(
      await verifyPasskey(answerOf(confirmed.value), used, { challenge: confirmation, origin }),
    ).toMatchObject({ ok: true });

    // Without verification of the person, the browser sends nothing.
    await cdp.send('WebAuthn.setUserVerified', {
      authenticatorId: authenticator,
      isUserVerified: false,
    });
    expect(await call('askForPasskey', asked, [first.id])).toMatchObject({ ok: false });
  } finally {
    await browser.close();
    page.close();
  }
}, 60_000);
