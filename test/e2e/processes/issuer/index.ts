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

  override async append(...args: Parameters<RealLog['append']>): ReturnType<RealLog['append']> {
    await this.#write();
    return super.append(...args);
  }

  override async begin(...args: Parameters<RealLog['begin']>): ReturnType<RealLog['begin']> {
    await this.#write();
    return super.begin(...args);
  }

  async #write(): Promise<void> {
    if (this.#condition === 'failing') throw new Error('the log accepts no writes');
    // A caller waits for this without an answer, as for an object that is being moved.
    if (this.#condition === 'silent') await new Promise(() => {});
  }
}
