import { checkedText } from '../checked-text.ts';

/** A policy of 32 witnesses with their URLs takes a tenth of this. */
const POLICY_CHARACTERS_MAX = 32 * 1024;

/** Who cosigns checkpoints, and how many of them make a quorum. */
export const witnessPolicy = checkedText(
  (text) => text.length <= POLICY_CHARACTERS_MAX && /^quorum \S/m.test(text),
  'a policy of C2SP tlog-policy, with a line "quorum"',
);
