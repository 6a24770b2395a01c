import type { DenialAdvice } from './entry.ts';
import type { VerifierDenialCode } from './verifier-denials.ts';

/** For the documentation and for explanations: no gateway and no verifier imports this file. */
export const VERIFIER_ADVICE = {
  token_missing: {
    advice: 'Send the token in `Authorization: DPoP` or `Authorization: Bearer`.',
    cause: 'The request has no such header. Tokens in a query or a body are ignored.',
  },
  token_too_large: {
    advice: 'Narrow the capability itself, not a token that is already narrowed.',
    cause:
      'The agent repeatedly narrows an already narrowed token, or sends something that is not a token.',
  },
  token_malformed: {
    advice: 'Send the token exactly as the issuer or `narrow` returned it.',
    cause: 'A truncated token, another kind of token, or garbage. The record says why.',
  },
  signature_invalid: {
    advice: 'Obtain a new capability.',
    cause:
      'The token was altered, or signed with a key that the verifier does not trust: a retired key, or one missing from the `ISSUER_KEYS` of a verifier that pins keys. After a key change, the new key may have been used before it was published.',
  },
  token_over_limit: {
    advice: 'Use fewer blocks and simpler checks.',
    cause:
      'Too many blocks, or checks that exceed a limit of the engine (`src/biscuit/limits.ts`). The record names the limit.',
  },
  token_execution: {
    advice: 'Obtain a new capability, and narrow it with the SDK only.',
    cause: 'A check in the token could not be evaluated.',
  },
  authority_invalid: {
    advice: 'Obtain a new capability.',
    cause:
      'The authority block has a form that this issuer never writes, yet it is signed with its key. Find out who signed it.',
  },
  grants_count: {
    advice: 'Obtain a new capability.',
    cause: 'The authority block has no grant, or more than 32.',
  },
  issuer_mismatch: {
    advice: 'Obtain a capability from the issuer that the resource metadata names.',
    cause: "The verifier's `ISSUER` is spelled differently from the issuer's own URL.",
  },
  audience_mismatch: {
    advice: 'Obtain a capability for this server.',
    cause: 'A capability for another server, or `AUDIENCE` is spelled differently in `AUDIENCES`.',
  },
  issued_in_future: {
    advice: 'Retry in a minute.',
    cause: 'The clocks of issuer and verifier differ by more than 60 s.',
  },
  expired: {
    advice: 'Narrow a new token for this step, or obtain a new capability.',
    cause: 'Normal: a token for one step lives 30 s, and a capability a few minutes.',
  },
  revoked: {
    advice: 'Stop. No new token helps for this workflow.',
    cause:
      'The workflow, block, key generation or scope was revoked. The record has the kind (`workflow`, `block`, `watermark`, `generation`), the id, and the position of the head that carried it.',
  },
  suspended: {
    advice: 'Wait until an operator resumes the workflow, then obtain a new capability.',
    cause:
      'The workflow or a parent was suspended. When it resumes, the agent gets a new token; this one stays invalid.',
  },
  tool_denied: {
    advice: 'Use another tool, or try again once the tool is allowed.',
    cause:
      'An operator blocked the tool. `hewn deny list` shows the order and its reason. The token stays valid for its other tools.',
  },
  hop_invalid: {
    advice:
      'Ask the agent that handed the capability to you for another one. It must sign with the key that its own capability is bound to.',
    cause:
      'A block hands the capability to another key, and the key that it was bound to did not sign that: it was stolen. Or it is bound to no key, or was handed on more than eight times.',
  },
  holder_unproven: {
    advice: 'Send a DPoP proof made with the key that the capability is bound to.',
    cause:
      'A bound token came without a proof, or with the proof of another key: it was stolen, or the agent lost its key.',
  },
  proof_missing: {
    advice: 'Send a `DPoP` header with every request.',
    cause: 'The request has `Authorization: DPoP` and no `DPoP` header.',
  },
  proof_invalid: {
    advice: 'Make a new proof for each request, with its method, URL and token.',
    cause:
      'The record has the reason as `why`: a cause of `proof_refused`, or `bearer_scheme` for a proof sent with a bearer token.',
  },
  nonce_required: {
    advice: 'Repeat the request with the nonce from the `DPoP-Nonce` header.',
    cause: 'Normal for the first request of an agent, and after two minutes of silence.',
  },
  name_invalid: {
    advice: 'Check the spelling of tool, dataset, method and path.',
    cause:
      'A tool, dataset, audience, method or path has a character that names cannot have. In front of your own API: `describe` passes on a raw value.',
  },
  arguments_invalid: {
    advice: 'Change the argument that the record names.',
    cause:
      'An argument has no exact form: a number that does not fit, a lone surrogate, an ambiguous URL, or names that are too long, too deep or too many.',
  },
  body_invalid: {
    advice: 'Send one JSON value in UTF-8, with each member once.',
    cause:
      'The body is not JSON or not complete, nests deeper than 64, or has a member twice, of which two parsers could take different ones. The record says which.',
  },
  body_too_large: {
    advice: 'Send less in one request.',
    cause:
      'The body exceeds `bodyBytesMax` of `protect`, 256 KiB by default. A route with `body: unread` has no bound.',
  },
  body_type_unsupported: {
    advice: 'Send `Content-Type: application/json`, and no `Content-Encoding`.',
    cause:
      'The body is in a form that the verifier does not judge. If the route takes files, declare it with `body: unread`.',
  },
  datasets_count: {
    advice: 'Split the call.',
    cause: 'One call touches more than 16 datasets.',
  },
  dataset_missing: {
    advice: 'Pass the argument that names the dataset.',
    cause: 'The argument that names the dataset is absent or an empty list.',
  },
  no_grant: {
    advice: 'Step up with the `authorization_details` of the answer, or do without the call.',
    cause: 'Out of scope: a curious or hijacked agent, or a policy that is too tight.',
  },
  caveat_failed: {
    advice: 'Narrow a new token from the capability for this call.',
    cause:
      'A narrowed token was used for another call, or the agent and the gateway use different catalogues. The response and the record name the `block` of the holder who added the caveat, and the argument if the caveat limits one.',
  },
  scope_inexpressible: {
    advice: 'Narrow with the SDK only, or narrow less for a retrieval.',
    cause:
      'A block has a check on datasets that `narrow` does not write. No filter would be exactly as narrow, so nothing is read. The record has the check.',
  },
  constraint_failed: {
    advice: 'Change the argument as the message says, or step up.',
    cause:
      "The policy limits an argument: its rule is in block 0, which the issuer wrote. If one argument is at fault, the message names it and what the rule requires (`The policy does not allow argument /to: each of its elements must end with '@acme.example'.`). The answer has `argument`, `block` and `rule`, the record `pointer` and `source`. A hijacked agent, or a policy that is too tight.",
  },
  tier_unknown: {
    advice: 'Report it to the operator of the server.',
    cause: 'The route passes a `tier` other than 0, 1, 2 or 3. Check its `describe`.',
  },
  head_missing: {
    advice: 'Retry after the time in `Retry-After`.',
    cause:
      'The verifier has no signed head and cannot fetch one. Check the issuer, the binding, `FEED_PUBLIC_KEY` and `ISSUER`.',
  },
  head_stale: {
    advice: 'Retry after the time in `Retry-After`.',
    cause:
      'The head is older than the tier allows, or a call of tier 3 could not ask the log. Check the issuer.',
  },
} as const satisfies Readonly<Record<VerifierDenialCode, DenialAdvice>>;
