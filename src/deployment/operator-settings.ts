import { OPERATOR_PARTS, SESSION_MINUTES_DEFAULT } from '../operators/index.ts';
import type { Settings } from './settings.ts';

/** Keys of `[operators]`: where operators sign in, and which roles they have. */
export const OPERATOR_SETTINGS = {
  providers: {
    schema: OPERATOR_PARTS.providers,
    absent: 'no one signs in: the operator credential is the only operator',
    purpose:
      'OpenID providers at which people sign in, by name: `[operators.providers.corp]` with `issuer`, `clientId`, the further `scopes` that the claims of the roles need, and `subjectClaim` if the subject is in another claim than `sub`. `secret` is the name of a secret of the issuer, for a provider that demands one. The address to register there is `<issuer>/console/callback`.',
  },
  access: {
    schema: OPERATOR_PARTS.access,
    absent: 'assertions of Cloudflare Access are ignored',
    purpose:
      'Accepts people whom Cloudflare Access lets in: `team` of `team.cloudflareaccess.com`, and `audience`, the tag of the application. Roles name this provider `access`, and its people are named by their address.',
  },
  roles: {
    schema: OPERATOR_PARTS.roles,
    absent: 'no one has a role, so no one can sign in',
    purpose:
      'Rules: `role`, the `provider` and `claim` that they read, and `values` of which the claim has one. `owners` and `tools` limit the role. A person has the roles of all rules that apply.',
  },
  twoPeople: {
    schema: OPERATOR_PARTS.twoPeople,
    absent: 'one person is enough',
    purpose:
      'Permissions whose orders wait until another person confirms them. Stopping never waits. Only with one provider, because one person could sign in at two.',
  },
  passkeys: {
    schema: OPERATOR_PARTS.passkeys,
    absent: '`false`: a session is enough',
    purpose:
      'Whether a person approves with a passkey (WebAuthn), which signs the answer to the question that was shown. Then commands and operator capabilities cannot approve.',
  },
  credential: {
    schema: OPERATOR_PARTS.credential,
    absent: '`break-glass`',
    purpose:
      'What the operator credential is. `break-glass`: it works without the providers, and each use writes an alarm line to the log and a record. `administrator`: it is an ordinary administrator, for a deployment whose commands still use it.',
  },
  sessionMinutes: {
    schema: OPERATOR_PARTS.sessionMinutes,
    absent: String(SESSION_MINUTES_DEFAULT),
    purpose:
      'How long a session lasts. Roles follow the rules at each request; what the provider said about a person is as old as the session.',
  },
} as const satisfies Settings;
