/** A problem on the wire. */
export interface Problem {
  readonly status: number;
  /** What was wrong. A route may replace it with a message that names the input. */
  readonly message: string;
  /** What the caller can do, for the documentation and the command line. */
  readonly advice: string;
}

/** Problems of who a caller is, and of what they may do. */
export const OPERATOR_PROBLEMS = {
  unauthorized: {
    status: 401,
    message: 'Sign in, or send the credential of an operator.',
    advice:
      '`hewn login` signs in. Without `[operators]`, send the operator credential as a bearer token: `hewn keys list --show-secret OPERATOR` prints it.',
  },
  nonce_required: {
    status: 401,
    message: 'The proof must have the nonce of this answer.',
    advice: 'Make another proof with the `DPoP-Nonce` of the answer, and send the request again.',
  },
  cross_site_refused: {
    status: 403,
    message: 'A session of the console only takes requests of the console itself.',
    advice:
      'Another page, or a request without `Origin`, used the cookie of a session or of Access. A program sends its own session or capability as a bearer token.',
  },
  sign_in_refused: {
    status: 401,
    message: 'The sign-in was refused.',
    advice: 'Sign in again. The log of the issuer has the reason as `operator.sign_in_failed`.',
  },
  no_role: {
    status: 403,
    message: 'You are known, and no rule gives you a role.',
    advice: 'Ask an administrator for a rule in `[operators]` of hewn.toml.',
  },
  proposal_unknown: {
    status: 404,
    message: 'No order with this id waits for a second person.',
    advice:
      'It was confirmed or withdrawn, or it is over an hour old. `GET /admin/v1/proposals` lists them.',
  },
  proposals_full: {
    status: 409,
    message: 'Too many of your orders wait for a second person.',
    advice: 'Withdraw some of them, or wait: each ends after an hour.',
  },
  same_person: {
    status: 403,
    message: 'Another person has to confirm this.',
    advice: 'Sign in as someone else who has the permission. A credential names no person.',
  },
  capability_unknown: {
    status: 404,
    message: 'No operator capability has this id.',
    advice: 'It has ended, or never was. `GET /admin/v1/capabilities` lists them.',
  },
  capabilities_full: {
    status: 409,
    message: 'Too many of your operator capabilities have not ended.',
    advice: 'Wait until some have ended. Narrow one that you have instead of minting another.',
  },
  passkey_required: {
    status: 403,
    message: 'An approval needs a passkey of the person who gives it.',
    advice:
      'Approve in the console, which asks for the passkey. `passkeys` in `[operators]` requires it.',
  },
  passkey_refused: {
    status: 403,
    message: 'The answer of the passkey does not count.',
    advice:
      'Load the page again and repeat it. The log of the issuer has the reason as `operator.passkey_refused`.',
  },
  passkey_unknown: {
    status: 404,
    message: 'No passkey has this id.',
    advice: '`GET /admin/v1/passkeys` lists them.',
  },
  passkeys_full: {
    status: 409,
    message: 'You have as many passkeys as a person can have.',
    advice: 'Let someone with the permission `end-session` remove one.',
  },
  not_for_your_role: {
    status: 403,
    message: 'Your role does not allow this.',
    advice:
      '`detail.needs` lists the roles that allow it, and `detail.have` yours with their limits. Roles come from `[operators]` in hewn.toml.',
  },
} as const satisfies Readonly<Record<string, Problem>>;
