import * as v from 'valibot';
import { ConfigurationFault } from '../../../src/configuration-fault.ts';
import { readTargets, type Target } from '../../../src/notices/index.ts';
import { wholeNumber } from '../../../src/whole-number.ts';
import type { IssuerEnv } from './env.ts';

/** The scheduled drill. */
export interface DrillConfig {
  /** Absent: no drill is scheduled. */
  readonly everySeconds?: number;
  /** How long a verifier may take to report a stop. */
  readonly boundSeconds: number;
}

/** A verifier of writes must not use a head that is older. */
const DRILL_BOUND_SECONDS = 15;

const drillSchema = v.strictObject({
  every: v.exactOptional(wholeNumber(10, 3_600)),
  within: v.exactOptional(wholeNumber(1, 300)),
});

/** Reads the variable `DRILL`. Throws a `ConfigurationFault`. */
export function readDrill({ DRILL: text }: IssuerEnv): DrillConfig {
  const read = v.safeParse(drillSchema, json(text ?? '{}'));
  if (!read.success) throw new ConfigurationFault('DRILL', 'is malformed');
  const { every, within = DRILL_BOUND_SECONDS } = read.output;
  return { boundSeconds: within, ...(every !== undefined && { everySeconds: every }) };
}

/** Reads the targets of notices and their secrets. Throws a `ConfigurationFault`. */
export function readNotices({
  NOTIFY: targets,
  NOTIFY_SECRETS: secrets,
  SIGNAL_LOOPBACK,
}: IssuerEnv): readonly Target[] {
  const allowLoopback = SIGNAL_LOOPBACK === 'allowed';
  const read = readTargets(json(targets ?? '[]'), json(secrets ?? '{}'), { allowLoopback });
  if (read.ok) return read.value;
  const { of, why } = read.error;
  throw new ConfigurationFault(of === 'targets' ? 'NOTIFY' : 'NOTIFY_SECRETS', why);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
