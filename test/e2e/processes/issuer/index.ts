import type { AuditRecord } from '../../../../src/audit/index.ts';
import { TransparencyLog as RealLog } from '../../../../workers/issuer/objects.ts';

/** The unchanged issuer, except for logs that a test can break. */
export * from '../../../../deployment/issuer.ts';
export { default } from '../../../../deployment/issuer.ts';

/** `failing`: each write throws. `silent`: no write is ever answered. */
export type Condition = 'well' | 'failing' | 'silent';

export class TransparencyLog extends RealLog {
  #condition: Condition = 'well';

  put(condition: Condition): void {
    this.#condition = condition;
  }

  override async append(records: readonly AuditRecord[]): ReturnType<RealLog['append']> {
    if (this.#condition === 'failing') throw new Error('the log accepts no writes');
    // A caller waits for this without an answer, as for an object that is being moved.
    if (this.#condition === 'silent') return new Promise(() => {}) as never;
    return super.append(records);
  }
}
