import type { Check } from '../examine.ts';
import { auditCheck } from './audit.ts';
import { clocksCheck } from './clocks.ts';
import { configurationCheck } from './configuration.ts';
import { drillCheck } from './drill.ts';
import { feedCheck } from './feed.ts';
import { keysCheck } from './keys.ts';
import { openRoutesCheck } from './open-routes.ts';
import { providersCheck } from './providers.ts';
import { readyCheck } from './ready.ts';
import { storageCheck } from './storage.ts';
import { upstreamsCheck } from './upstreams.ts';
import { verifiersCheck } from './verifiers.ts';
import { versionCheck } from './version.ts';

/** Every check, in the order of the report. */
export const CHECKS: readonly Check[] = [
  ...[configurationCheck, readyCheck, keysCheck, clocksCheck],
  ...[feedCheck, verifiersCheck, versionCheck, providersCheck],
  ...[openRoutesCheck, upstreamsCheck, storageCheck, auditCheck, drillCheck],
];
