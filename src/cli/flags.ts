/** Flags that several commands share. */
import { CONFIRM_WAIT_SECONDS_MAX } from '../limits.ts';

export const JSON_FLAG = {
  json: { kind: 'switch', description: 'print JSON' },
} as const;

export const REASON_FLAG = {
  reason: {
    kind: 'text',
    value: 'TEXT',
    required: true,
    description: 'why, for the audit log',
  },
} as const;

export const ISSUER_FLAGS = {
  issuer: {
    kind: 'text',
    value: 'URL',
    description:
      'the issuer; by default HEWN_ISSUER, that of the environment whose key file --file names, or that of hewn dev in this folder',
  },
  file: {
    kind: 'text',
    value: 'FILE',
    description:
      'act by the operator credential of this key file; by default HEWN_OPERATOR, the session of hewn login, or .hewn/dev/keys.json',
  },
  capability: {
    kind: 'text',
    value: 'FILE',
    description:
      'act by the operator capability in this file, at the issuer that made it; by default HEWN_CAPABILITY',
  },
} as const;

/** Of every command that stops something. */
export const STOP_FLAGS = {
  ...REASON_FLAG,
  wait: {
    kind: 'text',
    value: 'SECONDS',
    description: `wait until the verifiers confirm, up to ${CONFIRM_WAIT_SECONDS_MAX} s`,
  },
} as const;

/** With `--wait`, exit code 0 means that verifiers confirmed, and not only that the order is in. */
export const STOP_EXIT_CODES = {
  0: 'it is in force; with --wait, every verifier that reported lately has it',
  1: 'with --wait: it is in the feed, but a verifier has not confirmed it, or none has reported',
} as const;

export const EVEN_UNKNOWN_FLAG = {
  'even-unknown': {
    kind: 'switch',
    description: 'carry the order out even if the issuer does not know the name',
  },
} as const;

export const DRY_RUN_FLAG = {
  'dry-run': { kind: 'switch', description: 'change nothing, and report what would match' },
} as const;
