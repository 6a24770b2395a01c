import { isEarlierOrigin, type LogName, OLD_LOG } from '../../../src/audit/index.ts';
import { readClock } from '../../../src/clock.ts';
import { report } from '../../../src/report.ts';
import { type NoteSigner, noteSigner, type Policy, readPolicy } from '../../../src/tlog/index.ts';
import { boundedArchive } from '../archive/bounded.ts';
import { tryReadConfig } from '../platform/config.ts';
import { archiveOf, type IssuerEnv } from '../platform/env.ts';
import { fixRecords } from './fix.ts';
import { originIn } from './origin.ts';
import { type SealEvent, Sealer } from './seal/sealer.ts';
import type { SealStore } from './seal/state.ts';
import { Witnesses } from './seal/witnesses.ts';

const EVENTS: Readonly<Record<SealEvent, string>> = {
  restored: 'audit.restored',
  stopped: 'audit.stopped',
};

/** One request to the archive. A bundle of 256 KB takes milliseconds. */
const ARCHIVE_MILLISECONDS_MAX = 20_000;

/** Returns the sealer of a log: with the archive, the key and the witnesses of the deployment. */
export function sealerOf(env: IssuerEnv, log: LogName, store: SealStore): Sealer {
  const origin = originIn(env, log);
  return new Sealer({
    store,
    archive: boundedArchive(archiveOf(env, log), ARCHIVE_MILLISECONDS_MAX),
    origin,
    isEarlier: (other) => isEarlierOrigin(other, origin),
    signer: () => signerOf(env, origin),
    witnesses: new Witnesses(policyOf(env), store.state().witnesses, {
      fetch: (url, init) => fetch(url, init),
      report: (detail) => report('audit.witness', { log, ...detail }),
    }),
    fix: (records) => fixRecords(env, log, records),
    now: readClock,
    wait: (milliseconds) => new Promise((passed) => setTimeout(passed, Math.max(0, milliseconds))),
    report: (event, detail) => {
      // It begins with what the former log published.
      if (log === OLD_LOG && event === 'restored') return;
      report(EVENTS[event], { code: log, log, ...detail });
    },
  });
}

/** Returns the log's signer; undefined where the deployment has no key for logs. */
async function signerOf(env: IssuerEnv, origin: string): Promise<NoteSigner | undefined> {
  const config = tryReadConfig(env);
  const key = config.ok ? config.value.audit.logKey : undefined;
  return key === undefined ? undefined : await noteSigner(origin, 'log', key);
}

function policyOf(env: IssuerEnv): Policy | undefined {
  const config = tryReadConfig(env);
  const text = config.ok ? config.value.audit.witnesses : undefined;
  const policy = text === undefined ? undefined : readPolicy(text);
  return policy?.ok ? policy.value : undefined;
}
