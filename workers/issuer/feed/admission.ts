import { readClock, readSeconds, type UnixSeconds } from '../../../src/clock.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { type AdmissionRequest, type Admitted, type Denied, denialsOf } from './denial.ts';
import type { LogEntries } from './entries.ts';

const MINT_CLOCK_MILLISECONDS_MAX = 2_000; // By how much the log's clock may be behind a mint's.

/** Decides whether a signed token may be handed out, in one order with the denials of the log. */
export class Admission {
  readonly #storage: DurableObjectStorage;
  readonly #entries: LogEntries;
  #lastIssuedAt: UnixSeconds = 0;

  constructor(storage: DurableObjectStorage, entries: LogEntries) {
    this.#storage = storage;
    this.#entries = entries;
  }

  /** The latest `issued_at` of an admitted token. A denial must stop that token as well. */
  get lastIssuedAt(): UnixSeconds {
    return this.#lastIssuedAt;
  }

  /**
   * Admits a token, or names its denials. There is no `await` between reading the denials and
   * noting the scopes of the token. So a denial is either written before and refuses the token, or
   * written after and its watermark stops the token.
   */
  async admit(request: AdmissionRequest): Promise<Result<Admitted, { code: 'clock_behind' }>> {
    if (!(await waitUntil(request.issuedAt))) return refuse({ code: 'clock_behind' });
    return this.#storage.transactionSync(() => {
      const now = readSeconds();
      const denials = this.#entries.denials.all();
      const denied = denialsOf(denials, request, now);
      if (denied.length === 0) {
        this.#lastIssuedAt = Math.max(this.#lastIssuedAt, request.issuedAt);
        this.#entries.named.note(request, now);
      }
      return ok({ denied, isDenying: denials.length > 0 });
    });
  }

  /** Returns the denials of a token that is not signed yet, so no person is asked in vain. */
  deniedOf(asker: Parameters<typeof denialsOf>[1]): readonly Denied[] {
    return denialsOf(this.#entries.denials.all(), asker, readSeconds());
  }
}

/**
 * Waits until this clock has reached `time`. Returns false if that takes too long. The clock of a
 * mint may be ahead, and a denial that is written before `time` would not stop the token.
 */
async function waitUntil(time: UnixSeconds): Promise<boolean> {
  const deadline = readClock() + MINT_CLOCK_MILLISECONDS_MAX;
  while (readSeconds() < time && readClock() < deadline) {
    await new Promise((passed) => setTimeout(passed, 50));
  }
  return readSeconds() >= time;
}
