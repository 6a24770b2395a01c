import { createHash, randomBytes } from 'node:crypto';
import { checkAudience } from '../../capability/index.ts';
import { credentialNameOf } from '../../credential-digest.ts';
import { refuse } from '../../result.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';

export const verifiersNew = defineCommand({
  name: 'verifiers new',
  summary: 'make a credential for a verifier of your own',
  description: `Makes a credential with which a verifier records its decisions, counts budgets and reports its position at the issuer, for one audience. Writes it to standard output and nothing else, and refuses to write to a terminal. It is not stored anywhere: if it is lost, make another one.

Standard error gets the entry for verifierCredentials in hewn.toml, which has only the SHA-256 of the credential, and the name that the credential has in the audit log. Give each verifier a credential of its own. To take one back, remove its entry and deploy.`,
  flags: {
    audience: {
      kind: 'text',
      value: 'URL',
      required: true,
      description: 'the API that the verifier is in front of, as tokens name it',
    },
    ...JSON_FLAG,
  },
  examples: [
    'hewn verifiers new --audience https://api.example | npx wrangler secret put HEWN_CREDENTIAL',
    'hewn verifiers new --audience https://api.example > credential.txt',
  ],
  run: async ({ flags: { audience, json } }, context) => {
    const url = checkAudience(audience);
    if (!url.ok) return refuse(`--audience must be a URL as tokens name it: ${url.error.why}`);
    if (context.outIsTerminal) {
      return refuse('a terminal keeps what it shows: write the credential to a pipe or a file');
    }
    const credential = randomBytes(32).toString('base64url');
    const digest = createHash('sha256').update(credential).digest();
    if (json) {
      const sha256 = digest.toString('hex');
      context.out(showJson({ credential, audience, sha256, name: credentialNameOf(digest) }));
      return YES;
    }
    context.err('Add this entry to verifierCredentials in [issuer] of hewn.toml, and deploy:');
    context.err(`  { audience = "${audience}", sha256 = "${digest.toString('hex')}" }`);
    context.err(`Its verifiers are called ${credentialNameOf(digest)}:… in the audit log.`);
    context.out(credential);
    return YES;
  },
});
