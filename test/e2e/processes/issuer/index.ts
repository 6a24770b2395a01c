import type { AuditRecord } from '../../../../src/audit/index.ts';
import { AuditLog as RealAuditLog } from '../../../../workers/issuer/index.ts';

/** The issuer as it is, but for an audit log that a test can put out of order. */
export * from '../../../../workers/issuer/index.ts';
export { default } from '../../../../workers/issuer/index.ts';

/** `failing`: each write throws. `silent`: no write is ever answered. */
export type Condition = 'well' | 'failing' | 'silent';

export class AuditLog extends RealAuditLog {
  #condition: Condition = 'well';

  put(condition: Condition): void {
    this.#condition = condition;
  }

  override append(records: readonly AuditRecord[]): ReturnType<RealAuditLog['append']> {
    if (this.#condition === 'failing') throw new Error('the audit log takes no writes');
    // A caller that waits for this one learns nothing, as of an object that is being moved.
    if (this.#condition === 'silent') return new Promise(() => {}) as never;
    return super.append(records);
  }
}
